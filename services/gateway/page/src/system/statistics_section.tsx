import { useSignal } from "@preact/signals";
import type { StatisticsAnswer } from "../api/types.ts";
import { Button } from "../look/button.tsx";
import { Problem } from "../look/problem.tsx";
import { Select } from "../look/select.tsx";
import { changeQuery, query } from "../routing/location.ts";
import { words } from "../words/words.ts";
import { Charts } from "./charts.tsx";
import { Ends } from "./ends.tsx";
import { PointTable } from "./point_table.tsx";
import { RANGE_NAMES, rangeOf } from "./ranges.ts";
import { useStatistics } from "./statistics.ts";

/** What was done over the range that the address names, as charts or as a table. */
export function StatisticsSection() {
  const say = words.value.system.statistics;
  const range = rangeOf(query.value);
  const asTable = useSignal(false);
  const { found, problem } = useStatistics(range);
  return (
    <section class="statistics">
      <h2>{say.title}</h2>
      <p class="system-actions">
        <Select
          aria-label={say.range}
          value={range}
          options={RANGE_NAMES.map((name) => [name, say.ranges[name]])}
          choose={(name) => changeQuery({ range: name })}
        />
        <Button act={() => (asTable.value = !asTable.value)} control="table">
          {asTable.value ? say.asCharts : say.asTable}
        </Button>
      </p>
      {problem && <Problem problem={problem} />}
      {found ? <Found found={found} asTable={asTable.value} /> : <div class="system-skeleton" aria-hidden="true" />}
    </section>
  );
}

function Found({ found, asTable }: { readonly found: StatisticsAnswer; readonly asTable: boolean }) {
  return (
    <>
      {asTable ? <PointTable points={found.points} /> : <Charts points={found.points} />}
      <Ends found={found} />
    </>
  );
}

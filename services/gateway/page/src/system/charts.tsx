import { useSignal } from "@preact/signals";
import { momentOf } from "../api/server_clock.ts";
import type { StatisticsPoint } from "../api/types.ts";
import { Chart } from "../charts/chart.tsx";
import { now } from "../look/clock.ts";
import { words, written } from "../words/words.ts";
import { failedShare } from "./ranges.ts";

/** The load over time. One moment of all charts is looked at, and its figures stand beside them. */
export function Charts({ points }: { readonly points: readonly StatisticsPoint[] }) {
  const say = words.value.system.statistics;
  const { number, percent, moment } = written.value;
  // Null is the newest, whatever comes.
  const looked = useSignal<number | null>(null);
  const last = points.length - 1;
  const chosen = Math.min(looked.value ?? last, last);
  const point = points[chosen];
  if (!point) return null;
  const same = { chosen, choose: (index: number) => (looked.value = index) };
  const when = moment(momentOf(point.at), now.value);
  const milliseconds = (value: number): string => `${number(value)} ms`;
  const share = (value: number): string => percent(value * 100);
  return (
    <div class="charts">
      <Chart {...same} title={say.developed} series={[area(points, "developed")]} write={number}>
        <Value field="developed" text={number(point.developed)} />
      </Chart>
      <Chart
        {...same}
        title={say.failedShare}
        series={[{ kind: "line", values: points.map(failedShare) }]}
        write={share}
      >
        <Value name={say.failed} field="failed" text={number(point.failed)} />
      </Chart>
      <Chart
        {...same}
        title={say.durations}
        series={[
          { kind: "line", values: points.map(({ p50_ms }) => p50_ms) },
          { kind: "dashed", values: points.map(({ p95_ms }) => p95_ms) },
        ]}
        write={milliseconds}
      >
        <Value name={`p50 ${say.line}`} field="p50_ms" text={orDash(point.p50_ms, milliseconds)} />
        <Value name={`p95 ${say.dashed}`} field="p95_ms" text={orDash(point.p95_ms, milliseconds)} />
      </Chart>
      <Chart {...same} title={say.busy} series={[area(points, "busy_share")]} maximum={1} write={share}>
        <Value field="busy_share" text={orDash(point.busy_share, share)} />
      </Chart>
      <label class="moment" data-at={point.at}>
        <span>
          {say.moment}: <time data-figure="at">{when}</time>
        </span>
        <input
          type="range"
          min={0}
          max={last}
          value={chosen}
          aria-valuetext={when}
          onInput={(event) => same.choose(event.currentTarget.valueAsNumber)}
        />
      </label>
    </div>
  );
}

function area(points: readonly StatisticsPoint[], field: "developed" | "busy_share") {
  return { kind: "area" as const, values: points.map((point) => point[field]) };
}

/** A figure that may be missing. */
export function orDash(value: number | null, write: (value: number) => string): string {
  return value === null ? "–" : write(value);
}

function Value({ name, field, text }: { readonly name?: string; readonly field: string; readonly text: string }) {
  return (
    <span>
      {name && <span class="soft">{name} </span>}
      <strong data-figure={field}>{text}</strong>
    </span>
  );
}

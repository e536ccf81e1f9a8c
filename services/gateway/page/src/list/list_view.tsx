import { useEffect } from "preact/hooks";
import { useStream } from "../api/connection.ts";
import type { BatchStatus } from "../api/types.ts";
import { usePageTitle } from "../frame/page_title.ts";
import { noteServersPage } from "../frame/status_bar.tsx";
import { Problem } from "../look/problem.tsx";
import { query } from "../routing/location.ts";
import { DropBar } from "../upload/drop_bar.tsx";
import { Invitation } from "../upload/invitation.tsx";
import { words } from "../words/words.ts";
import { poll, problem, refresh, rows, show, take } from "./batches.ts";
import { type Filter, filterOf } from "./filter.ts";
import { FilterBar } from "./filter_bar.tsx";
import { Rows } from "./rows.tsx";
import { Skeleton } from "./skeleton.tsx";
import "./list.css";

/** All batches, the newest first, live; where there is none yet, the invitation to make one. */
export function ListView() {
  const filter = filterOf(query.value);
  usePageTitle(words.value.list.title);
  useEffect(() => void show(filter), [filter.status, filter.name]);
  useStream("batches", {
    address: "/pipeline/events?topics=batches",
    events: {
      hello: ({ page_version }: { page_version: string | null }) => noteServersPage(page_version),
      batches: ({ batches, reload }: { batches: BatchStatus[]; reload: boolean }) =>
        reload ? void refresh() : take(batches),
    },
    poll,
  });
  const isEmpty = rows.value?.length === 0 && !filter.status && !filter.name;
  return (
    <section class="list">
      <h1 class="only-heard">{words.value.list.title}</h1>
      {isEmpty ? <Invitation /> : <Listed filter={filter} />}
    </section>
  );
}

function Listed({ filter }: { readonly filter: Filter }) {
  return (
    <>
      <DropBar />
      <FilterBar filter={filter} />
      {problem.value && <Problem problem={problem.value} again={() => void refresh()} />}
      {rows.value === null ? !problem.value && <Skeleton /> : <Rows batches={rows.value} />}
    </>
  );
}

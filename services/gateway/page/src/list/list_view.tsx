import { useEffect } from "preact/hooks";
import { connection, useStream } from "../api/connection.ts";
import type { Hello } from "../api/events.ts";
import { usePageTitle } from "../frame/page_title.ts";
import { noteServersPage } from "../frame/status_bar.tsx";
import { Problem } from "../look/problem.tsx";
import { query } from "../routing/location.ts";
import { DropBar } from "../upload/drop_bar.tsx";
import { Invitation } from "../upload/invitation.tsx";
import { openDrafts } from "../upload/open_drafts.ts";
import { Unfinished } from "../upload/unfinished.tsx";
import { words } from "../words/words.ts";
import { choose, follow, poll, problem, refresh, rows } from "./batches.ts";
import { type Filter, filterOf, keyOf } from "./filter.ts";
import { FilterBar } from "./filter_bar.tsx";
import { Rows } from "./rows.tsx";
import { Skeleton } from "./skeleton.tsx";
import "./list.css";

const NO_FILTER = filterOf(new URLSearchParams());
/** A proxy that holds streams back keeps the list waiting no longer than this. */
const HELLO_MILLISECONDS = 3000;

/** All batches, the newest first, live; where there is none yet, the invitation to make one. */
export function ListView() {
  const filter = filterOf(query.value);
  usePageTitle(words.value.list.title);
  useList(filter);
  useStream("batches", {
    address: "/pipeline/events?topics=batches&heartbeat=true",
    events: {
      hello: ({ page_version }: Hello) => {
        noteServersPage(page_version);
        // The stream tells nothing of what was before.
        void refresh();
      },
      batches: follow,
    },
    poll,
  });
  const isEmpty = rows.value?.length === 0 && keyOf(filter) === keyOf(NO_FILTER);
  return (
    <section class="list">
      <h1 class="only-heard">{words.value.list.title}</h1>
      <Unfinished />
      {/* Unfinished uploads stand above, and would move what has been drawn before they are known. */}
      {openDrafts.value === null ? <Skeleton /> : isEmpty ? <Invitation /> : <Listed filter={filter} />}
    </section>
  );
}

/** Asks for the list when the stream says hello, or without it if that takes long. */
function useList(filter: Filter): void {
  useEffect(() => {
    choose(filter);
    const wait = connection.peek().state === "live" ? 0 : HELLO_MILLISECONDS;
    const timer = setTimeout(() => rows.peek() ?? void refresh(), wait);
    return () => clearTimeout(timer);
  }, [keyOf(filter)]);
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

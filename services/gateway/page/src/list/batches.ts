import { batch, signal } from "@preact/signals";
import { answered, api } from "../api/client.ts";
import type { BatchChange, BatchChanges } from "../api/events.ts";
import { type ApiProblem, asProblem } from "../api/problem.ts";
import type { BatchStatus } from "../api/types.ts";
import { stateOf } from "../controls/state.ts";
import { announce } from "../look/announcements.tsx";
import { isolated } from "../words/isolated.ts";
import { words } from "../words/words.ts";
import { type Filter, keyOf } from "./filter.ts";
import { justEnded, merged } from "./merging.ts";

const PAGE = 50;
const MAX_LISTED = 1000;

/** What the list shows; it stays when the view is left, so that the way back is short. Null until it is known. */
export const rows = signal<readonly BatchStatus[] | null>(null);
export const problem = signal<ApiProblem | null>(null);
export const nextCursor = signal<string | null>(null);
export const isLoadingMore = signal(false);

let filter: Filter = { status: null, priority: null, name: "" };
let asking = new AbortController();
/** What was heard since the list was asked for. */
let heard: BatchChange[] = [];

/** What is to be listed; it is asked for by `refresh`. */
export function choose(wanted: Filter): void {
  if (keyOf(wanted) !== keyOf(filter)) rows.value = null;
  filter = wanted;
}

/** Ask anew for as much as is shown; throws if that fails, and leaves what is shown. */
export async function poll(): Promise<void> {
  asking.abort();
  asking = new AbortController();
  heard = [];
  const page = await pageOf("", Math.min(Math.max(rows.peek()?.length ?? 0, PAGE), MAX_LISTED));
  batch(() => {
    rows.value = page.data;
    nextCursor.value = page.next_cursor ?? null;
    problem.value = null;
    // The page may have been read before what was heard meanwhile.
    apply(heard);
  });
}

/** Ask anew, and show why if that fails. */
export async function refresh(): Promise<void> {
  try {
    await poll();
  } catch (thrown) {
    if (!isAborted(thrown)) problem.value = asProblem(thrown);
  }
}

/** Add the next older page. */
export async function loadMore(): Promise<void> {
  const cursor = nextCursor.peek();
  if (!cursor || isLoadingMore.peek()) return;
  isLoadingMore.value = true;
  try {
    const page = await pageOf(cursor, PAGE);
    batch(() => {
      rows.value = merged(rows.peek() ?? [], page.data, filter, true);
      nextCursor.value = page.next_cursor ?? null;
    });
  } catch (thrown) {
    if (!isAborted(thrown)) problem.value = asProblem(thrown);
  } finally {
    isLoadingMore.value = false;
  }
}

/** Show what a stream says. */
export function follow({ batches, reload }: BatchChanges): void {
  if (reload) return void refresh();
  heard.push(...batches);
  apply(batches);
}

/** Show one batch as it is now, or no more. */
export function take(change: BatchChange): void {
  follow({ batches: [change], reload: false });
}

function apply(changes: readonly BatchChange[]): void {
  const shown = rows.peek();
  if (!shown) return;
  const gone = new Set(changes.filter((change) => "deleted" in change).map(({ batch_id }) => batch_id));
  const present = changes.flatMap((change) => ("deleted" in change ? [] : [change]));
  for (const ended of justEnded(shown, present)) {
    announce(words.peek().list.hasEnded(isolated(ended.batch_name), stateOf(ended)));
  }
  const after = merged(shown, present, filter, nextCursor.peek() === null);
  rows.value = after.filter(({ batch_id }) => !gone.has(batch_id));
}

async function pageOf(cursor: string, limit: number) {
  const { name: q, status, priority } = filter;
  const query = { limit, cursor, q, ...(status && { status: [status] }), ...(priority && { priority }) };
  return answered(api.GET("/pipeline/batch", { params: { query }, signal: asking.signal }));
}

function isAborted(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === "AbortError";
}

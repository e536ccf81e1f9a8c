import { batch, signal } from "@preact/signals";
import { answered, api } from "../api/client.ts";
import { type ApiProblem, asProblem } from "../api/problem.ts";
import type { BatchStatus } from "../api/types.ts";
import type { Filter } from "./filter.ts";
import { merged } from "./merging.ts";

const PAGE = 50;
const MAX_LISTED = 1000;

/** What the list shows; it stays when the view is left, so that the way back is short. Null until it is known. */
export const rows = signal<readonly BatchStatus[] | null>(null);
export const problem = signal<ApiProblem | null>(null);
export const nextCursor = signal<string | null>(null);
export const isLoadingMore = signal(false);

let filter: Filter = { status: null, name: "" };
let asking = new AbortController();

/** List by another filter, from the newest batch on. */
export async function show(wanted: Filter): Promise<void> {
  if (wanted.status !== filter.status || wanted.name !== filter.name) rows.value = null;
  filter = wanted;
  await refresh();
}

/** Ask anew for as much as is shown; throws if that fails, and leaves what is shown. */
export async function poll(): Promise<void> {
  asking.abort();
  asking = new AbortController();
  const page = await pageOf("", Math.min(Math.max(rows.peek()?.length ?? 0, PAGE), MAX_LISTED));
  batch(() => {
    rows.value = page.data;
    nextCursor.value = page.next_cursor ?? null;
    problem.value = null;
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

/** Show what has changed. */
export function take(changed: readonly BatchStatus[]): void {
  rows.value = merged(rows.peek() ?? [], changed, filter, nextCursor.peek() === null);
}

/** Show one batch no more. */
export function drop(batchId: string): void {
  rows.value = (rows.peek() ?? []).filter((row) => row.batch_id !== batchId);
}

async function pageOf(cursor: string, limit: number) {
  const query = { limit, cursor, q: filter.name, ...(filter.status && { status: [filter.status] }) };
  return answered(api.GET("/pipeline/batch", { params: { query }, signal: asking.signal }));
}

function isAborted(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === "AbortError";
}

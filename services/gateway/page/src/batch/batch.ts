import { batch, signal } from "@preact/signals";
import { answered, api } from "../api/client.ts";
import { type ApiProblem, asProblem } from "../api/problem.ts";
import type { BatchStatus } from "../api/types.ts";

/** The batch that is shown; null until it is known. */
export const status = signal<BatchStatus | null>(null);
export const problem = signal<ApiProblem | null>(null);
/** It was deleted, here or elsewhere. */
export const isGone = signal(false);

const NOT_FOUND = 404;

/** Show another batch. */
export async function show(batchId: string): Promise<void> {
  batch(() => {
    if (status.peek()?.batch_id !== batchId) status.value = null;
    problem.value = null;
    isGone.value = false;
  });
  await refresh(batchId);
}

/** Ask for its present state. */
export async function refresh(batchId: string): Promise<void> {
  try {
    const { data } = await answered(api.GET("/pipeline/batch/{batch_id}", { params: { path: { batch_id: batchId } } }));
    take(data);
  } catch (thrown) {
    const found = asProblem(thrown);
    // One that was never shown may be a slip in the address: then the API's sentence says more.
    if (found.status === NOT_FOUND && status.peek()) isGone.value = true;
    else problem.value = found;
  }
}

/** Show a state, unless a newer one is shown. */
export function take(newest: BatchStatus): void {
  const shown = status.peek();
  if (shown?.batch_id === newest.batch_id && shown.version > newest.version) return;
  batch(() => {
    status.value = newest;
    problem.value = null;
  });
}

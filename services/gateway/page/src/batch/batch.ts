import { batch, signal } from "@preact/signals";
import { answered, api } from "../api/client.ts";
import type { BatchChange } from "../api/events.ts";
import { type ApiProblem, asProblem } from "../api/problem.ts";
import type { BatchStatus } from "../api/types.ts";

/** The batch that is shown; null until it is known. */
export const status = signal<BatchStatus | null>(null);
export const problem = signal<ApiProblem | null>(null);
/** It was deleted, here or elsewhere. */
export const isGone = signal(false);

const NOT_FOUND = 404;

/** The batch that is to be shown: an answer may come when it is another one. */
let wanted = "";

/** Show another batch. */
export async function show(batchId: string): Promise<void> {
  wanted = batchId;
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
    if (batchId !== wanted) return;
    const found = asProblem(thrown);
    // One that was never shown may be a slip in the address: then the API's sentence says more.
    if (found.status === NOT_FOUND && status.peek()) isGone.value = true;
    else problem.value = found;
  }
}

/** Show a state, or that the batch is no more; not that of another batch, nor one that is older than what is shown. */
export function take(change: BatchChange): void {
  if (change.batch_id !== wanted) return;
  if ("deleted" in change) {
    isGone.value = true;
    return;
  }
  const shown = status.peek();
  if (shown && shown.version > change.version) return;
  batch(() => {
    status.value = change;
    problem.value = null;
  });
}

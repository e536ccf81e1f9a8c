import type { BatchStatus } from "../api/types.ts";
import { words } from "../words/words.ts";

/** The batch's state in words; one that this page does not know is shown as it is. */
export function stateOf(batch: BatchStatus): string {
  const say = words.value.controls;
  if (!batch.finished_at && batch.stop_reason) return say.stopping;
  if (!batch.finished_at && batch.paused) return say.paused;
  return say.statuses[batch.status] ?? batch.status;
}

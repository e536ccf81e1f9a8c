import { answered, api } from "../api/client.ts";
import type { BatchStatus } from "../api/types.ts";

/** What may be asked of a batch, as the API calls it. */
export const CONTROLS = ["pause", "resume", "retry", "cancel", "delete"] as const;
export type Control = (typeof CONTROLS)[number];

/** The controls that the batch has in its present state; one that a server does not know is none. */
export function controlsOf(batch: BatchStatus): Control[] {
  return CONTROLS.filter((control) => batch.controls[control]);
}

/** Do what is asked; the batch's new status, or null if it is no more. Throws an `ApiProblem`. */
export async function perform(control: Control, batchId: string): Promise<BatchStatus | null> {
  const params = { params: { path: { batch_id: batchId } } };
  switch (control) {
    case "pause":
      return (await answered(api.POST("/pipeline/batch/{batch_id}/pause", params))).data;
    case "resume":
      return (await answered(api.POST("/pipeline/batch/{batch_id}/resume", params))).data;
    case "cancel":
      return (await answered(api.POST("/pipeline/batch/{batch_id}/cancel", params))).data;
    case "retry":
      return (await answered(api.POST("/pipeline/batch/{batch_id}/retry", params))).data;
    case "delete":
      await answered(api.DELETE("/pipeline/batch/{batch_id}", params));
      return null;
  }
}

import type { BatchStatus } from "../../api/types.ts";

/** What an image may have come to, as the API calls it. */
export const OUTCOMES = ["completed", "failed", "pending", "revoked"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Which images of a batch are shown; null is no condition. */
export interface Choice {
  readonly outcome: Outcome | null;
  /** Of the cause of failure. */
  readonly code: string | null;
}

/** The choice that an address names; an outcome that there is not is none. */
export function choiceOf(query: URLSearchParams): Choice {
  const code = query.get("code");
  const outcome = code ? "failed" : (OUTCOMES.find((one) => one === query.get("outcome")) ?? null);
  return { outcome, code };
}

/** How many images the batch has of an outcome. */
export function countOf(outcome: Outcome | null, batch: BatchStatus): number {
  const { total_images, completed_images, failed_images, revoked_images } = batch;
  switch (outcome) {
    case "completed":
      return completed_images;
    case "failed":
      return failed_images;
    case "revoked":
      return revoked_images;
    case "pending":
      return total_images - completed_images - failed_images - revoked_images;
    case null:
      return total_images;
  }
}

/** The choice as the API's parameters. */
export function parametersOf({ outcome, code }: Choice): { outcome?: Outcome; code?: string } {
  return { ...(outcome && { outcome }), ...(code && { code }) };
}

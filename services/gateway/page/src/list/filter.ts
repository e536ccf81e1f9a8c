import type { BatchStatus } from "../api/types.ts";

/** What a batch may be, in the order of its life. */
export const STATUSES = ["PENDING", "STARTED", "SUCCESS", "FAILURE", "REVOKED"] as const;
export type Status = (typeof STATUSES)[number];

export const PRIORITIES = ["high", "normal", "low"] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Which batches are listed; null and an empty text are no condition. */
export interface Filter {
  readonly status: Status | null;
  readonly priority: Priority | null;
  /** The beginning of a name. */
  readonly name: string;
}

/** The filter that an address names; a status or priority that there is not is none. */
export function filterOf(query: URLSearchParams): Filter {
  const status = STATUSES.find((one) => one === query.get("status")) ?? null;
  const priority = PRIORITIES.find((one) => one === query.get("priority")) ?? null;
  return { status, priority, name: query.get("q") ?? "" };
}

/** A text that is the same for the same filter. */
export function keyOf({ status, priority, name }: Filter): string {
  return JSON.stringify([status, priority, name]);
}

/** Whether a batch is one that the filter lists, as the API decides it. */
export function fits(
  { status, priority, name }: Filter,
  batch: Pick<BatchStatus, "status" | "priority" | "batch_name">,
): boolean {
  if (status && batch.status !== status) return false;
  if (priority && batch.priority !== priority) return false;
  return folded(batch.batch_name).startsWith(folded(name));
}

function folded(text: string): string {
  return text.normalize("NFC").toLowerCase();
}

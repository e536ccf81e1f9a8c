import type { BatchStatus } from "../api/types.ts";

/** What a batch may be, in the order of its life. */
export const STATUSES = ["PENDING", "STARTED", "SUCCESS", "FAILURE", "REVOKED"] as const;
export type Status = (typeof STATUSES)[number];

/** Which batches are listed; null and an empty text are no condition. */
export interface Filter {
  readonly status: Status | null;
  /** The beginning of a name. */
  readonly name: string;
}

/** The filter that an address names; a status that there is not is none. */
export function filterOf(query: URLSearchParams): Filter {
  const status = STATUSES.find((one) => one === query.get("status")) ?? null;
  return { status, name: query.get("q") ?? "" };
}

/** Whether a batch is one that the filter lists, as the API decides it. */
export function fits({ status, name }: Filter, batch: Pick<BatchStatus, "status" | "batch_name">): boolean {
  if (status && batch.status !== status) return false;
  return folded(batch.batch_name).startsWith(folded(name));
}

function folded(text: string): string {
  return text.normalize("NFC").toLowerCase();
}

import type { BatchStatus } from "../api/types.ts";

/** Which batches are listed; empty texts are no condition. */
export interface Filter {
  readonly status: string;
  /** The beginning of a name. */
  readonly name: string;
}

/** The filter that an address names. */
export function filterOf(query: URLSearchParams): Filter {
  return { status: query.get("status") ?? "", name: query.get("q") ?? "" };
}

/** Whether a batch is one that the filter lists, as the API decides it. */
export function fits({ status, name }: Filter, batch: Pick<BatchStatus, "status" | "batch_name">): boolean {
  if (status && batch.status !== status) return false;
  return folded(batch.batch_name).startsWith(folded(name));
}

function folded(text: string): string {
  return text.normalize("NFC").toLowerCase();
}

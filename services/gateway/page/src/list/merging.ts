import type { BatchStatus } from "../api/types.ts";
import { type Filter, fits } from "./filter.ts";

type Row = Pick<BatchStatus, "batch_id" | "batch_name" | "created_at" | "status" | "priority" | "version">;

/**
 * The rows with what has changed, the newest batch first.
 *
 * An older version than the one that is shown changes nothing, and a batch beyond the last row waits for its page.
 */
export function merged<R extends Row>(rows: readonly R[], changed: readonly R[], filter: Filter, isAll: boolean): R[] {
  const byId = new Map(rows.map((row) => [row.batch_id, row]));
  const oldest = isAll ? "" : (rows.at(-1)?.created_at ?? "");
  for (const row of changed) {
    const shown = byId.get(row.batch_id);
    if (shown ? row.version >= shown.version : row.created_at >= oldest) byId.set(row.batch_id, row);
  }
  const fitting = [...byId.values()].filter((row) => fits(filter, row));
  return fitting.sort((one, other) => -compared(one.created_at, other.created_at));
}

/** The batches that have ended since they were shown. */
export function justEnded<R extends Row & Pick<BatchStatus, "finished_at">>(
  shown: readonly R[],
  changed: readonly R[],
): R[] {
  const running = new Set(shown.filter((row) => !row.finished_at).map(({ batch_id }) => batch_id));
  return changed.filter((row) => row.finished_at && running.has(row.batch_id));
}

function compared(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

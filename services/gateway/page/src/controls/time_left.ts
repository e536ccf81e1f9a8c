import type { BatchStatus } from "../api/types.ts";
import { words, written } from "../words/words.ts";

/** These say nothing that the figure, or the batch's own state, does not. */
const SILENT = ["good", "paused"];

/** How long a batch will still take. */
export interface TimeLeft {
  /** The API's field that the text is of. */
  readonly field: "estimated_range" | "estimated_time_remaining";
  /** Null while it is not known. */
  readonly text: string | null;
  /** What the estimate rests on, or why there is none, if that is worth a word. */
  readonly state: string | null;
}

/** The time left as far as the API has it: earlier releases know no range. */
export function timeLeftOf({
  estimated_range: between,
  estimated_time_remaining: seconds,
  estimate_state: state,
}: Pick<BatchStatus, "estimated_range" | "estimated_time_remaining" | "estimate_state">): TimeLeft {
  const said = state && !SILENT.includes(state) ? (words.value.controls.estimates[state] ?? state) : null;
  const [low, high] = between ?? [];
  if (low !== undefined && high !== undefined) {
    return { field: "estimated_range", text: written.value.range(low, high), state: said };
  }
  const text = seconds === null ? null : written.value.duration(seconds);
  return { field: "estimated_time_remaining", text, state: said };
}

import { connection } from "../api/connection.ts";
import { words } from "../words/words.ts";

/** Whether what is seen is live: a full dot while it is, a hollow one while it is not, and the word for it. */
export function LiveDot() {
  const { state } = connection.value;
  // Its place is kept, so that nothing beside it moves.
  return <span class={`live-dot ${state}`}>{state !== "none" && <span>{words.value.frame[state]}</span>}</span>;
}

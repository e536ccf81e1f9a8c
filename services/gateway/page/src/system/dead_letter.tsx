import { momentOf } from "../api/server_clock.ts";
import type { DeadLetterStatus } from "../api/types.ts";
import { Button } from "../look/button.tsx";
import { now } from "../look/clock.ts";
import { root } from "../routing/location.ts";
import { words, written } from "../words/words.ts";

interface DeadLetterProps {
  readonly letter: DeadLetterStatus;
  readonly busy: boolean;
  readonly replay: () => void;
  readonly drop: () => void;
}

/** A message that was given up; what it says is text, whatever is in it. */
export function DeadLetter({ letter, busy, replay, drop }: DeadLetterProps) {
  const say = words.value.system.letters;
  return (
    <li data-letter={letter.id}>
      <p>
        <strong data-figure="reason">{letter.reason}</strong>{" "}
        <span class="soft">
          {letter.type}
          {letter.died_at && ` · ${written.value.moment(momentOf(letter.died_at), now.value)}`}
        </span>
      </p>
      <p class="system-actions">
        <Button act={replay} busy={busy} label={`${say.replay}: ${letter.id}`}>
          {say.replay}
        </Button>
        <Button act={drop} busy={busy} label={`${say.drop}: ${letter.id}`}>
          {say.drop}
        </Button>
        {letter.batch_id && <a href={`${root}/batches/${letter.batch_id}`}>{say.batch}</a>}
      </p>
      <details>
        <summary>{say.body}</summary>
        <pre>{letter.body}</pre>
      </details>
    </li>
  );
}

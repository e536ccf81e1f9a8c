import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { type ApiProblem, asProblem } from "../api/problem.ts";
import type { DeadLetterStatus, QueueStatus } from "../api/types.ts";
import { announce } from "../look/announcements.tsx";
import { Button } from "../look/button.tsx";
import { confirmed } from "../look/confirmation.tsx";
import { Problem } from "../look/problem.tsx";
import { changeQuery } from "../routing/location.ts";
import { words, written } from "../words/words.ts";
import { DeadLetter } from "./dead_letter.tsx";
import { dropLetters, lettersOf, replayLetters, SHOWN_LETTERS } from "./letters.ts";

/** The messages of a queue that were given up: why, what they say, and what may be done with them. */
export function DeadLetters({ queue }: { readonly queue: QueueStatus }) {
  const say = words.value.system.letters;
  const heading = useRef<HTMLHeadingElement>(null);
  const { letters, problem, read } = useLetters(queue);
  const { busy, replay, drop } = useActions(queue, problem, () => {
    read();
    // What was acted on may be gone, and the focus with it.
    heading.current?.focus();
  });
  const count = queue.dead_letters;
  return (
    <section class="letters" data-letters={queue.name}>
      <h2 ref={heading} tabIndex={-1}>
        {say.title}: {queue.name}
      </h2>
      {problem.value && <Problem problem={problem.value} again={read} />}
      <p class="system-actions">
        {count > 0 && (
          <>
            <Button kind="main" busy={busy.value} act={() => void replay()} control="replay">
              {say.replayAll}
            </Button>
            <Button kind="danger" busy={busy.value} act={() => void drop({ count })} control="drop">
              {say.dropAll(written.value.number(count))}
            </Button>
          </>
        )}
        <Button act={() => changeQuery({ dead: null })}>{words.value.look.close}</Button>
      </p>
      {letters.value?.length === 0 && <p>{say.none}</p>}
      <ol>
        {letters.value?.map((letter) => (
          <DeadLetter
            key={`${letter.id} ${letter.position}`}
            letter={letter}
            busy={busy.value}
            replay={() => void replay([letter.id])}
            drop={() => void drop({ ids: [letter.id] })}
          />
        ))}
      </ol>
      {letters.value && letters.value.length < count && (
        <p class="soft">{say.shown(written.value.number(letters.value.length))}</p>
      )}
    </section>
  );
}

/** The letters as they are now; read again while the stream says that there are more or fewer than those shown. */
function useLetters(queue: QueueStatus) {
  const letters = useSignal<readonly DeadLetterStatus[] | null>(null);
  const problem = useSignal<ApiProblem | null>(null);
  const asked = useSignal(0);
  useEffect(() => {
    const asking = new AbortController();
    lettersOf(queue.name, asking.signal)
      .then((found) => {
        letters.value = found;
      })
      .catch((thrown: unknown) => {
        if (!asking.signal.aborted) problem.value = asProblem(thrown);
      });
    return () => asking.abort();
  }, [queue.name, asked.value]);
  const read = (): void => {
    asked.value += 1;
  };
  useEffect(() => {
    if (letters.value && letters.value.length !== Math.min(queue.dead_letters, SHOWN_LETTERS)) read();
    // Each state that the stream brings has a queue of its own: what is under way now is seen at the next.
  }, [queue]);
  return { letters, problem, read };
}

/** What a person may do; one thing at a time, and what cannot be undone only after a question. */
function useActions(queue: QueueStatus, problem: Signal<ApiProblem | null>, done: () => void) {
  const busy = useSignal(false);
  const act = async (request: () => Promise<number>, sentence: (count: string) => string): Promise<void> => {
    busy.value = true;
    problem.value = null;
    try {
      announce(sentence(written.peek().number(await request())));
    } catch (thrown) {
      problem.value = asProblem(thrown);
    } finally {
      busy.value = false;
      done();
    }
  };
  const replay = (ids?: readonly string[]): Promise<void> =>
    act(() => replayLetters(queue.name, ids), words.peek().system.letters.replayed);
  const drop = async (chosen: { ids: string[] } | { count: number }): Promise<void> => {
    const say = words.peek().system.letters;
    const count = written.peek().number("count" in chosen ? chosen.count : chosen.ids.length);
    const question = {
      title: say.dropQuestion(count, queue.name),
      consequence: say.consequence,
      action: say.dropAction,
    };
    if (await confirmed(question)) await act(() => dropLetters(queue.name, chosen), say.dropped);
  };
  return { busy, replay, drop };
}

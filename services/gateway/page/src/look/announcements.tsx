import { signal } from "@preact/signals";

const SPACING_MILLISECONDS = 10_000;

const said = signal("");
let waiting: string | null = null;
let next = 0;

/** Have a screen reader say a sentence, politely: at most one in ten seconds, and of several that wait the newest. */
export function announce(sentence: string): void {
  const pause = next - Date.now();
  if (pause <= 0) {
    next = Date.now() + SPACING_MILLISECONDS;
    said.value = sentence;
    return;
  }
  if (waiting === null) setTimeout(announceWaiting, pause);
  waiting = sentence;
}

function announceWaiting(): void {
  const sentence = waiting;
  waiting = null;
  if (sentence) announce(sentence);
}

/** Stands once in the frame. */
export function Announcements() {
  return (
    <div class="only-heard" role="status" aria-live="polite">
      {said.value}
    </div>
  );
}

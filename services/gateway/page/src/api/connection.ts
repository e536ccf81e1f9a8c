import { type ReadonlySignal, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { root } from "../routing/location.ts";
import { after } from "./after.ts";
import { type Connection, Follower, type Subject } from "./follower.ts";

/** After this long out of sight a page lets go of its connection: browsers give a server six for all tabs together. */
const HIDDEN_MILLISECONDS = 5000;

/** How the page's one stream is. Times are this machine's, in milliseconds since 1970. */
interface Connected {
  readonly state: Connection | "none";
  readonly since: number;
  /** When what is shown was last known to be so, if it is not live. */
  readonly knownAt: number;
}

const current = signal<Connected>({ state: "none", since: 0, knownAt: 0 });

/** How the page's one stream is. */
export const connection: ReadonlySignal<Connected> = current;

const returned = signal(0);

/** How often a stream has come back after a loss, or out of sight: what was asked for meanwhile may have failed. */
export const returns: ReadonlySignal<number> = returned;

/**
 * Follow a stream while the component is shown and the page can be seen.
 *
 * A view follows one. `key` says when it is another: the subject of a key stays the one of its first rendering.
 */
export function useStream(key: string, subject: Subject): void {
  useEffect(() => follow(subject), [key]);
}

/** Follow until the function that is returned is called. */
function follow(subject: Subject): () => void {
  const poll = async (): Promise<void> => {
    await subject.poll();
    current.value = { ...current.value, knownAt: Date.now() };
  };
  let isFirst = true;
  const follower = new Follower(
    { ...subject, address: root + subject.address, poll },
    { open: (address) => new EventSource(address), after },
    (state) => {
      if (state !== current.value.state) become(state);
      if (state === "live" && !isFirst) returned.value += 1;
      if (state !== "connecting") isFirst = false;
    },
  );
  let leaving: (() => void) | null = null;
  const look = (): void => {
    leaving?.();
    leaving = null;
    if (document.hidden) leaving = after(HIDDEN_MILLISECONDS, () => follower.stop());
    // A batch that has ended may have been retried meanwhile.
    else follower.start();
  };
  document.addEventListener("visibilitychange", look);
  look();
  return () => {
    document.removeEventListener("visibilitychange", look);
    leaving?.();
    follower.stop();
    become("none");
  };
}

function become(state: Connected["state"]): void {
  current.value = { state, since: Date.now(), knownAt: Date.now() };
}

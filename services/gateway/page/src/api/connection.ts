import { type ReadonlySignal, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { root } from "../routing/location.ts";
import { type Connection, Follower, type Subject } from "./follower.ts";

/** After this long out of sight a page lets go of its connection: browsers give a server six for all tabs together. */
const HIDDEN_MILLISECONDS = 5000;

const current = signal<{ readonly state: Connection | "none"; readonly since: number }>({ state: "none", since: 0 });

/** How the page's one stream is, and since when, by this machine's clock in milliseconds since 1970. */
export const connection: ReadonlySignal<{ readonly state: Connection | "none"; readonly since: number }> = current;

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
  const follower = new Follower(
    { ...subject, address: root + subject.address },
    { open: (address) => new EventSource(address), after },
    (state) => {
      if (state !== current.value.state) current.value = { state, since: Date.now() };
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
    current.value = { state: "none", since: Date.now() };
  };
}

function after(milliseconds: number, act: () => void): () => void {
  const timer = setTimeout(act, milliseconds);
  return () => clearTimeout(timer);
}

import { useLayoutEffect, useRef } from "preact/hooks";
import { singleKeys } from "../preferences/preferences.ts";
import { chordOf, type Press } from "./chords.ts";

/** A key, or two in a row, and what it does: `{ keys: "KeyG KeyS", label: …, act }`. */
export interface Shortcut {
  /** Codes of places on the keyboard, so that they work under any input method; `Shift+` where it is held. */
  readonly keys: string;
  /** What the help says of it. */
  readonly label: string;
  readonly act: () => void;
}

const FOLLOWING_MILLISECONDS = 1500;

const registered = new Set<{ readonly current: readonly Shortcut[] }>();

/** What keys do at present, for the help. */
export function shortcuts(): Shortcut[] {
  return [...registered].flatMap(({ current }) => current);
}

/** Have keys act while the component is shown; of two that take the same key, the one that came last has it. */
export function useShortcuts(own: readonly Shortcut[]): void {
  const holder = useRef(own);
  holder.current = own;
  // With the page's first frame: an effect would come after it, and a key pressed between would be lost.
  useLayoutEffect(() => {
    registered.add(holder);
    return () => {
      registered.delete(holder);
    };
  }, []);
}

/** Listen to the keyboard, once for the page. */
export function listenToKeys(): void {
  let before: { readonly chord: string; readonly at: number } | null = null;
  document.addEventListener("keydown", (event) => {
    const chord = singleKeys.value === "on" ? chordOf(pressOf(event)) : null;
    if (!chord) return;
    const isFollowing = before && event.timeStamp - before.at < FOLLOWING_MILLISECONDS;
    const sequence = isFollowing ? `${before?.chord} ${chord}` : chord;
    const found = shortcutOf(sequence) ?? shortcutOf(chord);
    before = { chord, at: event.timeStamp };
    if (!found) return;
    before = null;
    event.preventDefault();
    found.act();
  });
}

function shortcutOf(keys: string): Shortcut | undefined {
  return shortcuts().findLast((shortcut) => shortcut.keys === keys);
}

function pressOf(event: KeyboardEvent): Press {
  const target = event.target instanceof Element ? event.target : null;
  return {
    key: event.key,
    code: event.code,
    shift: event.shiftKey,
    modified: event.ctrlKey || event.metaKey || event.altKey,
    composing: event.isComposing,
    typing: Boolean(target?.closest("input, select, textarea, [contenteditable], dialog")),
  };
}

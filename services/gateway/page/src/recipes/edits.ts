import { computed, effect, signal } from "@preact/signals";

/** A recipe that is open in the editor. */
export interface Edit {
  /** What is typed: the one truth, of which the form is a view. */
  readonly text: string;
  /** What was loaded or saved. */
  readonly saved: string;
  /** Tells the server's own version from others; null where there is none, or a built-in one. */
  readonly etag: string | null;
  /** The name under which it is stored; null for one that is new. */
  readonly name: string | null;
}

/** By the address of their editor; they outlive the view, so that walking about loses nothing. */
export const edits = signal<ReadonlyMap<string, Edit>>(new Map());

/** The addresses of those that nobody has saved. */
export const unsaved = computed(() =>
  [...edits.value].filter(([, edit]) => isUnsaved(edit)).map(([address]) => address),
);

export function isUnsaved({ text, saved }: Edit): boolean {
  return text !== saved;
}

export function putEdit(address: string, edit: Edit): void {
  edits.value = new Map(edits.peek()).set(address, edit);
}

export function dropEdit(address: string): void {
  edits.value = new Map([...edits.peek()].filter(([other]) => other !== address));
}

effect(() => {
  if (unsaved.value.length > 0) addEventListener("beforeunload", askBeforeLeaving);
  else removeEventListener("beforeunload", askBeforeLeaving);
});

function askBeforeLeaving(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { words } from "../words/words.ts";
import "./dialog.css";

interface DialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** It was closed, by Escape or its button. */
  readonly close: () => void;
}

/** A native modal dialog: the browser keeps the focus in it, and gives it back to where it was. */
export function Dialog({ title, children, close }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  // Before the browser draws: where one dialog follows another, there is no moment without any.
  useLayoutEffect(() => {
    const before = document.activeElement;
    const shown = dialog.current;
    shown?.showModal();
    return () => {
      shown?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={heading} onCancel={cancelled(close)}>
      <h2 id={heading}>{title}</h2>
      {children}
      {/* Last, so that the focus begins with what the dialog is for. */}
      <button type="button" class="button quiet close" aria-label={words.value.look.close} onClick={close}>
        ✕
      </button>
    </dialog>
  );
}

function cancelled(close: () => void) {
  return (event: Event): void => {
    // The component goes when its owner says so; otherwise the two would be of different minds.
    event.preventDefault();
    close();
  };
}

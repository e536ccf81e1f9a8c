import type { ComponentChildren } from "preact";
import "./button.css";

interface ButtonProps {
  readonly children: ComponentChildren;
  readonly act: () => void;
  /** `main` for what a view is for, `danger` for what cannot be undone. */
  readonly kind?: "plain" | "main" | "danger";
  /** While what it began goes on: it stays where it is and does nothing. */
  readonly busy?: boolean;
  /** What it is called where its text alone does not say which of several it is. */
  readonly label?: string;
  /** The API's name for what it does. */
  readonly control?: string;
}

export function Button({ children, act, kind = "plain", busy = false, label, control }: ButtonProps) {
  return (
    <button
      type="button"
      class={`button ${kind}`}
      aria-label={label}
      aria-disabled={busy}
      data-control={control}
      onClick={() => busy || act()}
    >
      {children}
    </button>
  );
}

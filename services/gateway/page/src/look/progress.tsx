import "./progress.css";

interface ProgressProps {
  readonly label: string;
  /** Whole numbers of the same thing; completed and failed together are what has ended. */
  readonly completed: number;
  readonly failed: number;
  readonly total: number;
  /** The same in words. */
  readonly text: string;
  /** Nothing goes on at present: the bar is hatched. */
  readonly held?: boolean;
}

/** How far something has got. */
export function Progress({ label, completed, failed, total, text, held = false }: ProgressProps) {
  return (
    <progress
      class={`progress ${failed > 0 ? "has-failed" : ""} ${held ? "held" : ""}`}
      aria-label={label}
      aria-valuetext={text}
      max={Math.max(total, 1)}
      value={completed + failed}
    />
  );
}

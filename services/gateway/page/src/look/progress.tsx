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

/** How far something has got; what has failed stands at the end of what has been done, in its own colour. */
export function Progress({ label, completed, failed, total, text, held = false }: ProgressProps) {
  const ended = completed + failed;
  const completedShare = ended > 0 ? `${(100 * completed) / ended}%` : "100%";
  return (
    <progress
      class={`progress ${ended === total ? "over" : ""} ${held ? "held" : ""} ${failed > 0 ? "has-failed" : ""}`}
      style={{ "--completed": completedShare }}
      aria-label={label}
      aria-valuetext={text}
      max={Math.max(total, 1)}
      value={ended}
    />
  );
}

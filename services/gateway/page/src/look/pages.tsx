import { words } from "../words/words.ts";
import { Button } from "./button.tsx";
import "./table.css";

interface PagesProps {
  /** Which part of the whole is shown. */
  readonly text: string;
  /** Null where there is nothing on that side. */
  readonly earlier: (() => void) | null;
  readonly later: (() => void) | null;
}

/** Buttons from one part of something long to the next; nothing where all of it is shown. */
export function Pages({ text, earlier, later }: PagesProps) {
  const say = words.value.look;
  if (!earlier && !later) return null;
  return (
    <p class="pages">
      {earlier && <Button act={earlier}>‹ {say.earlier}</Button>}
      <span>{text}</span>
      {later && <Button act={later}>{say.later} ›</Button>}
    </p>
  );
}

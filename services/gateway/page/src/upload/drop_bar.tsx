import { words } from "../words/words.ts";
import { ChooseButtons } from "./choose_buttons.tsx";
import "./upload.css";

/** Where files are dropped when there are batches already; they may be dropped anywhere else as well. */
export function DropBar() {
  return (
    <div class="drop-bar">
      <span>{words.value.upload.title}</span>
      <ChooseButtons />
    </div>
  );
}

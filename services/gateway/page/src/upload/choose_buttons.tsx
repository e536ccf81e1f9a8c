import { Button } from "../look/button.tsx";
import { words } from "../words/words.ts";
import { askForFiles } from "./file_inputs.tsx";

/** The ways to files for those who do not drop them. */
export function ChooseButtons() {
  const say = words.value.upload;
  return (
    <div class="choose">
      <Button kind="main" act={() => askForFiles("files")}>
        {say.chooseFiles}
      </Button>
      <Button act={() => askForFiles("folder")}>{say.chooseFolder}</Button>
    </div>
  );
}

import { Button } from "../look/button.tsx";
import { confirmed } from "../look/confirmation.tsx";
import { Dialog } from "../look/dialog.tsx";
import { Problem } from "../look/problem.tsx";
import { isolated } from "../words/isolated.ts";
import { words, written } from "../words/words.ts";
import { chosenFiles } from "./chosen_files.ts";
import { giveUp, sheetShown } from "./present_upload.ts";
import type { Upload } from "./upload.ts";
import { UploadProgress } from "./upload_progress.tsx";

/** An upload while it goes on; closed, it goes on all the same. */
export function UploadSheet({ upload }: { readonly upload: Upload }) {
  const say = words.value.upload;
  const { number } = written.value;
  const hide = (): void => {
    sheetShown.value = false;
  };
  const waiting = chosenFiles.value?.length ?? 0;
  return (
    <Dialog title={isolated(upload.name)} close={hide}>
      <div class="new-batch">
        <UploadProgress upload={upload} />
        {upload.unreadable.value.size > 0 && <p>{say.unreadable(number(upload.unreadable.value.size))}</p>}
        {waiting > 0 && <p>{say.waiting(number(waiting))}</p>}
        {upload.problem.value && <Problem problem={upload.problem.value} />}
        <div class="actions">
          <Button act={() => void askToGiveUp(upload)}>{words.value.look.cancel}</Button>
          <PauseButton upload={upload} />
          <Button act={hide}>{say.inBackground}</Button>
        </div>
      </div>
    </Dialog>
  );
}

export function PauseButton({ upload }: { readonly upload: Upload }) {
  const say = words.value.upload;
  if (upload.isPaused.value) return <Button act={() => upload.proceed()}>{say.proceed}</Button>;
  return <Button act={() => upload.pause()}>{say.pause}</Button>;
}

async function askToGiveUp(upload: Upload): Promise<void> {
  const { cancelUpload, cancelConsequence } = words.peek().upload;
  const question = { title: cancelUpload, consequence: cancelConsequence, action: cancelUpload };
  if (await confirmed(question)) await giveUp(upload);
}

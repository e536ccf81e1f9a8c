import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type ApiProblem, asProblem } from "../api/problem.ts";
import { Button } from "../look/button.tsx";
import { Dialog } from "../look/dialog.tsx";
import { Problem } from "../look/problem.tsx";
import { words, written } from "../words/words.ts";
import { BatchFields, newForm } from "./batch_fields.tsx";
import { chosenFiles } from "./chosen_files.ts";
import { beginDraft, type NamedFile } from "./drafts.ts";
import { inOrder, nameInBatch } from "./file_paths.ts";
import { groupLimits } from "./groups.ts";
import { askForLimits, limits } from "./limits.ts";
import { begin } from "./present_upload.ts";
import { suggestedName } from "./suggested_name.ts";
import { randomToken, Upload } from "./upload.ts";

/** What is to become of the files that were chosen, before any of them is sent. */
export function Sheet({ files }: { readonly files: readonly File[] }) {
  const say = words.value.upload;
  const form = useSignal(newForm(suggestedName(files)));
  const busy = useSignal(false);
  const problem = useSignal<ApiProblem | null>(null);
  const key = useSignal(randomToken());
  const named = useComputed(() => namedFiles(files)).value;
  const close = (): void => {
    chosenFiles.value = null;
  };
  useEffect(() => void askForLimits().catch((thrown) => (problem.value = asProblem(thrown))), []);
  const start = async (): Promise<void> => {
    busy.value = true;
    problem.value = null;
    try {
      const id = await beginDraft(form.value, key.value);
      chosenFiles.value = null;
      await begin(new Upload({ id, name: form.value.batch_name }, named, groupLimits(limits.value)));
    } catch (thrown) {
      problem.value = asProblem(thrown);
      busy.value = false;
    }
  };
  return (
    <Dialog title={say.newBatch} close={close}>
      <form class="new-batch" onSubmit={(event) => event.preventDefault()}>
        <BatchFields form={form} />
        <Amount files={named} />
        {problem.value && <Problem problem={problem.value} />}
        <div class="actions">
          <Button act={close}>{words.value.look.cancel}</Button>
          <Button kind="main" busy={busy.value} act={() => void start()}>
            {say.start}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Amount({ files }: { readonly files: readonly { readonly size: number }[] }) {
  const { number, bytes } = written.value;
  const total = files.reduce((sum, file) => sum + file.size, 0);
  return <p>{words.value.upload.amount(number(files.length), bytes(total))}</p>;
}

function namedFiles(files: readonly File[]): NamedFile[] {
  return inOrder(files).map((file, position) => ({ file, position, name: nameInBatch(file), size: file.size }));
}

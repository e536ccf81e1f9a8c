import { useComputed, useSignal } from "@preact/signals";
import { words, written } from "../words/words.ts";
import { BatchFields, newForm } from "./batch_fields.tsx";
import { batchNameOf } from "./batch_name.ts";
import { chosenFiles } from "./chosen_files.ts";
import { type BatchForm, beginDraft, giveUpDraft } from "./drafts.ts";
import { StartForm } from "./start_form.tsx";
import { type Suggestion, suggestionFor } from "./suggested_name.ts";
import { randomToken } from "./upload.ts";
import { useSelection } from "./use_selection.ts";

/** What is to become of the files that were chosen, before any of them is sent. */
export function Sheet() {
  const selection = useSelection();
  const suggestion = useComputed(() => batchNameOf(nameOf(suggestionFor(selection.files.value))));
  // The name follows the files until a person has typed one.
  const typed = useSignal<Partial<BatchForm>>({});
  const form = useComputed(() => ({ ...newForm(suggestion.value), ...typed.value }));
  // Of one filled-in form only one draft is begun, whatever becomes of the answer.
  const key = useComputed(() => form.value && randomToken());
  const draft = async () => ({ id: await beginDraft(form.value, key.value), name: form.value.batch_name });
  const close = (): void => {
    chosenFiles.value = null;
  };
  return (
    <StartForm
      title={words.value.upload.newBatch}
      selection={selection}
      files={selection.files.value}
      draft={draft}
      abandon={({ id }) => giveUpDraft(id)}
      close={close}
    >
      <BatchFields form={form.value} set={(changes) => (typed.value = { ...typed.value, ...changes })} />
    </StartForm>
  );
}

function nameOf({ first, others }: Suggestion): string {
  return others > 0 ? words.value.upload.andOthers(first, written.value.number(others)) : first;
}

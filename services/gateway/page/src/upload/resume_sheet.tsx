import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type ApiProblem, asProblem } from "../api/problem.ts";
import type { DraftSummary } from "../api/types.ts";
import { Dialog } from "../look/dialog.tsx";
import { Problem } from "../look/problem.tsx";
import { isolated } from "../words/isolated.ts";
import { words, written } from "../words/words.ts";
import { ChooseButtons } from "./choose_buttons.tsx";
import { chosenFiles } from "./chosen_files.ts";
import { missingFiles, type NamedFile } from "./drafts.ts";
import { resumedDraft } from "./open_drafts.ts";
import { StartForm } from "./start_form.tsx";
import { useSelection } from "./use_selection.ts";

/** How an upload goes on that was cut off: browsers forget files when a page is left, so they are chosen again. */
export function ResumeSheet({ draft }: { readonly draft: DraftSummary }) {
  const say = words.value.upload;
  if (chosenFiles.value) return <Missing draft={draft} />;
  return (
    <Dialog title={say.resumeTitle(isolated(draft.batch_name))} close={close}>
      <div class="new-batch">
        <p>{say.resumeHint}</p>
        <ChooseButtons />
      </div>
    </Dialog>
  );
}

function Missing({ draft }: { readonly draft: DraftSummary }) {
  const say = words.value.upload;
  const selection = useSelection();
  const missing = useSignal<readonly NamedFile[] | null>(null);
  const problem = useSignal<ApiProblem | null>(null);
  const selected = selection.files.value;
  useEffect(() => {
    const asking = new AbortController();
    missing.value = null;
    problem.value = null;
    const ask = async (): Promise<void> => {
      try {
        const found = await missingFiles(draft.draft_id, selected);
        if (!asking.signal.aborted) missing.value = found;
      } catch (thrown) {
        problem.value = asProblem(thrown);
      }
    };
    void ask();
    return () => asking.abort();
  }, [selected]);
  return (
    <StartForm
      title={say.resumeTitle(isolated(draft.batch_name))}
      selection={selection}
      files={missing.value}
      draft={async () => ({ id: draft.draft_id, name: draft.batch_name })}
      close={close}
    >
      <p>{say.unfinishedFiles(written.value.number(draft.received_images))}</p>
      {missing.value && <p>{say.stillMissing(written.value.number(missing.value.length))}</p>}
      {problem.value && <Problem problem={problem.value} />}
    </StartForm>
  );
}

function close(): void {
  resumedDraft.value = null;
  chosenFiles.value = null;
}

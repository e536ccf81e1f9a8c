import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { type ApiProblem, asProblem } from "../api/problem.ts";
import { Button } from "../look/button.tsx";
import { Dialog } from "../look/dialog.tsx";
import { Problem } from "../look/problem.tsx";
import { words, written } from "../words/words.ts";
import type { NamedFile } from "./drafts.ts";
import { duplicatesOf } from "./duplicates.ts";
import { FileNames } from "./file_names.tsx";
import { groupLimits } from "./groups.ts";
import { LeftOutFiles } from "./left_out_files.tsx";
import { askForLimits, limits } from "./limits.ts";
import { begin } from "./present_upload.ts";
import { type DraftName, Upload } from "./upload.ts";
import type { Selection } from "./use_selection.ts";

interface StartFormProps {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly selection: Selection;
  /** Those of the selection that are to be sent; null while that is being asked for. */
  readonly files: readonly NamedFile[] | null;
  /** Gives the draft that the files are for; it may be called again when it has thrown an `ApiProblem`. */
  readonly draft: () => Promise<DraftName>;
  /** Removes that draft: it was begun for a form that has been closed meanwhile. */
  readonly abandon?: (draft: DraftName) => Promise<void>;
  readonly close: () => void;
}

/** What is to be sent, and the button that begins it. */
export function StartForm({ title, children, selection, files, draft, abandon, close }: StartFormProps) {
  const say = words.value.upload;
  const busy = useSignal(false);
  const problem = useSignal<ApiProblem | null>(null);
  useEffect(() => void askForLimits().catch((thrown) => (problem.value = asProblem(thrown))), []);
  const isClosed = useRef(false);
  useEffect(
    () => () => {
      isClosed.current = true;
    },
    [],
  );
  const isEmpty = selection.files.value.length === 0;
  const start = async (): Promise<void> => {
    if (!files || isEmpty || busy.peek()) return;
    busy.value = true;
    problem.value = null;
    try {
      const begun = await draft();
      if (isClosed.current) return await abandon?.(begun);
      close();
      await begin(new Upload(begun, files, groupLimits(limits.value)));
    } catch (thrown) {
      problem.value = asProblem(thrown);
      busy.value = false;
    }
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    void start();
  };
  return (
    <Dialog title={title} close={close}>
      {/* The API itself says what is wrong with a figure, also with one that is folded away. */}
      <form class="new-batch" noValidate onSubmit={submit}>
        {children}
        {files && <Amount files={files} />}
        <LeftOutFiles {...selection} />
        {files && <Duplicates files={files} />}
        {isEmpty && <p>{say.nothingToSend}</p>}
        {problem.value && <Problem problem={problem.value} />}
        <div class="actions">
          <Button act={close}>{words.value.look.cancel}</Button>
          <button type="submit" class="button main" aria-disabled={busy.value || isEmpty || files === null}>
            {say.start}
          </button>
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

/** Which files are probably copies; they are sent, as only a person can know whether they are wanted. */
function Duplicates({ files }: { readonly files: readonly NamedFile[] }) {
  const found = useMemo(() => duplicatesOf(files), [files]);
  if (found.length === 0) return null;
  return (
    <details data-duplicates>
      <summary>{words.value.upload.duplicates(written.value.number(found.length))}</summary>
      <FileNames files={found} />
    </details>
  );
}

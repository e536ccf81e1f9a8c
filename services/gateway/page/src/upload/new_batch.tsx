import { useShortcuts } from "../keys/keys.ts";
import { Button } from "../look/button.tsx";
import { Dialog } from "../look/dialog.tsx";
import { words, written } from "../words/words.ts";
import { chosenFiles, foundSoFar, stopSearch } from "./chosen_files.ts";
import { askForFiles, FileInputs } from "./file_inputs.tsx";
import { resumedDraft } from "./open_drafts.ts";
import { presentUpload, sheetShown } from "./present_upload.ts";
import { ResumeSheet } from "./resume_sheet.tsx";
import { Sheet } from "./sheet.tsx";
import { UploadSheet } from "./upload_sheet.tsx";

/** How a batch is made of files: what it is to be, then the upload. Stands once beside the frame. */
export function NewBatch() {
  useShortcuts([{ keys: "KeyN", label: words.value.frame.keys.create, act: () => askForFiles("files") }]);
  return (
    <>
      <FileInputs />
      <OpenSheet />
    </>
  );
}

/** One at a time: files that are chosen during an upload wait for its end. */
function OpenSheet() {
  const upload = presentUpload.value;
  if (foundSoFar.value !== null) return <SearchSheet found={foundSoFar.value} />;
  if (upload) return sheetShown.value ? <UploadSheet upload={upload} /> : null;
  if (resumedDraft.value) return <ResumeSheet draft={resumedDraft.value} />;
  return chosenFiles.value && <Sheet />;
}

/** A folder of very many files takes its time; what has been found until now is counted. */
function SearchSheet({ found }: { readonly found: number }) {
  const say = words.value.upload;
  return (
    <Dialog title={say.newBatch} close={stopSearch}>
      <div class="new-batch">
        <p>{say.searching(written.value.number(found))}</p>
        <div class="actions">
          <Button act={stopSearch}>{words.value.look.cancel}</Button>
        </div>
      </div>
    </Dialog>
  );
}

import { useShortcuts } from "../keys/keys.ts";
import { words } from "../words/words.ts";
import { chosenFiles } from "./chosen_files.ts";
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
  const files = chosenFiles.value;
  if (upload) return sheetShown.value ? <UploadSheet upload={upload} /> : null;
  if (resumedDraft.value) return <ResumeSheet draft={resumedDraft.value} />;
  return files && <Sheet key={files} files={files} />;
}

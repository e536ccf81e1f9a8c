import { Button } from "../look/button.tsx";
import { words } from "../words/words.ts";
import { presentUpload, sheetShown } from "./present_upload.ts";
import { UploadProgress } from "./upload_progress.tsx";
import { PauseButton } from "./upload_sheet.tsx";

/** Stands in the frame while an upload goes on whose sheet is closed. */
export function UploadBar() {
  const upload = presentUpload.value;
  if (!upload || sheetShown.value) return null;
  return (
    <aside class="status-bar upload-bar" aria-label={words.value.upload.sending}>
      <UploadProgress upload={upload} />
      <PauseButton upload={upload} />
      <Button act={() => (sheetShown.value = true)}>{words.value.upload.showUpload}</Button>
    </aside>
  );
}

import { choose } from "./chosen_files.ts";
import { filesOf } from "./found_files.ts";

/** Open the browser's own dialog for single files, or for a folder with everything in it. */
export function askForFiles(kind: "files" | "folder"): void {
  document.querySelector<HTMLInputElement>(`[data-choose=${kind}]`)?.click();
}

// Every browser has it, and the types of Preact do not.
const WHOLE_FOLDER = { webkitdirectory: true };

/** The inputs behind it; they stand once on the page, so that they outlive the view. */
export function FileInputs() {
  return (
    <>
      <input type="file" multiple hidden data-choose="files" onChange={take} />
      <input type="file" {...WHOLE_FOLDER} hidden data-choose="folder" onChange={take} />
    </>
  );
}

function take(event: Event): void {
  const input = event.currentTarget;
  if (!(input instanceof HTMLInputElement) || !input.files) return;
  void choose(filesOf([...input.files]));
  // The same choice again is a change again.
  input.value = "";
}

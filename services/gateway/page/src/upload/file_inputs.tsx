import { chooseFrom } from "./chosen_files.ts";

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
      <input type="file" multiple hidden data-choose="files" onChange={choose} />
      <input type="file" {...WHOLE_FOLDER} hidden data-choose="folder" onChange={choose} />
    </>
  );
}

async function choose(event: Event): Promise<void> {
  const input = event.currentTarget;
  await chooseFrom(event);
  // The same choice again is a change again.
  if (input instanceof HTMLInputElement) input.value = "";
}

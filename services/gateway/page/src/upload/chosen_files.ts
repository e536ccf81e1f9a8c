import { signal } from "@preact/signals";
import { byPath } from "./file_paths.ts";
import { droppedFiles, type FoundFile } from "./found_files.ts";
import { sheetShown } from "./present_upload.ts";
import { Slices, sortedInSlices } from "./slices.ts";

/** How long a choice is looked through before the page says so. */
const PATIENCE_MILLISECONDS = 300;

/** The files that a new batch is to be made of, in the order of their paths; null while none is being made. */
export const chosenFiles = signal<readonly FoundFile[] | null>(null);

/** How many files have been found so far while a large folder is looked through; null at other times. */
export const foundSoFar = signal<number | null>(null);

let searches = 0;

/** Begin a new batch with all these files; a choice that is made meanwhile takes its place. */
export async function choose(files: AsyncIterable<FoundFile> | Iterable<FoundFile>): Promise<void> {
  stopSearch();
  const search = searches;
  const found: FoundFile[] = [];
  const slices = new Slices();
  const began = performance.now();
  for await (const file of files) {
    found.push(file);
    if (!(await slices.rest())) continue;
    if (search !== searches) return;
    if (performance.now() - began > PATIENCE_MILLISECONDS) foundSoFar.value = found.length;
  }
  const sorted = await sortedInSlices(found, byPath);
  if (search !== searches) return;
  stopSearch();
  if (sorted.length === 0) return;
  chosenFiles.value = sorted;
  // During an upload its sheet says that they wait.
  sheetShown.value = true;
}

/** Look no further. */
export function stopSearch(): void {
  searches += 1;
  foundSoFar.value = null;
}

/** Take what is dropped anywhere on the page; otherwise the browser would leave the page and open the file. */
export function takeDrops(): void {
  const root = document.documentElement;
  addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    root.toggleAttribute("data-dragging", true);
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) root.toggleAttribute("data-dragging", false);
  });
  addEventListener("drop", (event) => {
    root.toggleAttribute("data-dragging", false);
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    void choose(droppedFiles(event.dataTransfer));
  });
}

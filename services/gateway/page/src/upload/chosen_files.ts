import { signal } from "@preact/signals";
import { fromEvent } from "file-selector";
import { sheetShown } from "./present_upload.ts";

/** The files that a new batch is to be made of; null while none is being made. */
export const chosenFiles = signal<readonly File[] | null>(null);

/** Begin a new batch with the files of an input's change or of a drop, whole folders included. */
export async function chooseFrom(event: Event): Promise<void> {
  const found = await fromEvent(event);
  const files = found.filter((entry) => entry instanceof File);
  if (files.length === 0) return;
  chosenFiles.value = files;
  // During an upload its sheet says that they wait.
  sheetShown.value = true;
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
    void chooseFrom(event);
  });
}

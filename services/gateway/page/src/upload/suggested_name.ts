import { type ChosenFile, segmentsOf } from "./file_paths.ts";

/** A name for a batch of these files: their folder's if they come from one, else the first file's without its ending. */
export function suggestedName(files: readonly ChosenFile[]): string {
  const folders = new Set(files.map(topFolder));
  const [folder] = folders;
  if (folders.size === 1 && folder) return folder;
  return (files[0]?.name ?? "").replace(/\.[^.]+$/, "");
}

function topFolder(file: ChosenFile): string {
  const segments = segmentsOf(file);
  return segments.length > 1 ? (segments[0] ?? "") : "";
}

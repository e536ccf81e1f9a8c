import { type ChosenFile, segmentsOf } from "./file_paths.ts";

/** What a batch of these files may be called. */
export interface Suggestion {
  /** Of their folder if they come from folders alone, else of the first file, without its ending. */
  readonly first: string;
  /** How many other folders or files there are. */
  readonly others: number;
}

/** A name for a batch of these files: one name stands for all only where they come from one folder. */
export function suggestionFor(files: readonly ChosenFile[]): Suggestion {
  const folders = new Set(files.map(topFolder));
  const [folder = ""] = folders;
  if (folder && !folders.has("")) return { first: folder, others: folders.size - 1 };
  const first = (files[0]?.name ?? "").replace(/\.[^.]+$/, "");
  return { first, others: Math.max(0, files.length - 1) };
}

function topFolder(file: ChosenFile): string {
  const segments = segmentsOf(file);
  return segments.length > 1 ? (segments[0] ?? "") : "";
}

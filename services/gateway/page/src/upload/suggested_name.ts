/** A file that is to be sent. */
interface SentFile {
  /** Its path within the chosen folder. */
  readonly name: string;
  /** The chosen folder; empty if the file was chosen by itself. */
  readonly folder: string;
}

/** What a batch of these files may be called. */
export interface Suggestion {
  /** Of their folder if they come from folders alone, else of the first file, without its ending. */
  readonly first: string;
  /** How many other folders or files there are. */
  readonly others: number;
}

/** A name for a batch of these files: one name stands for all only where they come from one folder. */
export function suggestionFor(files: readonly SentFile[]): Suggestion {
  const folders = new Set(files.map(({ folder }) => folder));
  const [folder = ""] = folders;
  if (folder && !folders.has("")) return { first: folder, others: folders.size - 1 };
  const name = files[0]?.name.split("/").at(-1) ?? "";
  return { first: name.replace(/(?<=.)\.[^.]+$/, ""), others: Math.max(0, files.length - 1) };
}

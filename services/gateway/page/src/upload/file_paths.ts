/** A file as it was chosen: `path` begins with the chosen folder where there is one. */
export interface ChosenFile {
  readonly name: string;
  readonly path?: string;
}

/** The folders that a file stands in, from the chosen one on, and its own name. */
export function segmentsOf({ name, path = name }: ChosenFile): readonly string[] {
  return path.split("/");
}

/** The chosen folder that a file comes from; empty if it was chosen by itself. */
export function folderOf(file: ChosenFile): string {
  const [folder = "", ...others] = segmentsOf(file);
  return others.length > 0 ? folder : "";
}

/** What a file is called in its batch: its path within the chosen folder. */
export function nameInBatch(file: ChosenFile): string {
  const segments = segmentsOf(file);
  return segments.length > 1 ? segments.slice(1).join("/") : file.name;
}

/** The order of paths, which is the same whenever the same folder is chosen. */
export function byPath(one: { readonly path: string }, other: { readonly path: string }): number {
  return one.path < other.path ? -1 : Number(one.path > other.path);
}

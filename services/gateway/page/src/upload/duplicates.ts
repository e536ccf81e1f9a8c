import type { ChosenFile } from "./file_paths.ts";

export interface DatedFile extends ChosenFile {
  readonly size: number;
  readonly lastModified: number;
}

/** Files that are probably there twice: another before them has the same name, size and date. None of them is read. */
export function duplicatesOf<Item extends DatedFile>(files: readonly Item[]): Item[] {
  const seen = new Set<string>();
  return files.filter(({ name, size, lastModified }) => {
    const key = `${size} ${lastModified} ${name}`;
    const isSeen = seen.has(key);
    seen.add(key);
    return isSeen;
  });
}

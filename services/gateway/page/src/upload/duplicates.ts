/** A file by its path within the batch. */
interface NamedSize {
  readonly name: string;
  readonly size: number;
}

/** Files that are probably there twice: one before them has the same name, in whatever folder, and is as large. */
export function duplicatesOf<Item extends NamedSize>(files: readonly Item[]): Item[] {
  const seen = new Set<string>();
  return files.filter(({ name, size }) => {
    const key = `${size} ${name.slice(name.lastIndexOf("/") + 1)}`;
    const isSeen = seen.has(key);
    seen.add(key);
    return isSeen;
  });
}

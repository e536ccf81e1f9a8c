import type { SizedFile } from "./left_out.ts";

/** A file with its path from the chosen folder on. */
export interface FoundFile extends SizedFile {
  readonly path: string;
  readonly file: File;
}

/** The files of an input; asking for a file's size may take the browser a while, so it is done one at a time. */
export function* filesOf(list: Iterable<File>): Generator<FoundFile, void> {
  for (const file of list) yield found(file, file.webkitRelativePath || file.name);
}

/** The files of a drop, with everything in dropped folders. To be called while the event is handled. */
export function droppedFiles(transfer: DataTransfer): AsyncGenerator<FoundFile, void> {
  // All items at once: they are gone when the event is over.
  const dropped = [...transfer.items].map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
  return filesIn(dropped.filter((entry) => entry !== null));
}

async function* filesIn(entries: readonly (FileSystemEntry | File)[]): AsyncGenerator<FoundFile, void> {
  // Side by side: each answer takes its time.
  const files = await Promise.all(entries.filter((entry) => !isFolder(entry)).map(fileOf));
  yield* files.filter((file) => file !== null);
  for (const folder of entries.filter(isFolder)) {
    const reader = folder.createReader();
    // A hundred at a time, until none are left.
    for (;;) {
      const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
      if (some.length === 0) break;
      yield* filesIn(some);
    }
  }
}

async function fileOf(entry: FileSystemEntry | File): Promise<FoundFile | null> {
  if (entry instanceof File) return found(entry, entry.name);
  if (!isFile(entry)) return null;
  const path = entry.fullPath.slice(1);
  const read = new Promise<File>((resolve, reject) => entry.file(resolve, reject));
  // One that cannot be read, as a link that leads nowhere, is left out with the empty ones.
  return found(await read.catch(() => new File([], entry.name)), path);
}

function found(file: File, path: string): FoundFile {
  return { file, path, name: file.name, size: file.size };
}

function isFolder(entry: FileSystemEntry | File): entry is FileSystemDirectoryEntry {
  return "isDirectory" in entry && entry.isDirectory;
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

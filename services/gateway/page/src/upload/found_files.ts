import type { SizedFile } from "./left_out.ts";

/** Each takes the browser its time, so some are asked for side by side; all of very many would be too much for it. */
const FILES_AT_ONCE = 100;

/** A browser takes some 15 kB for each file that is open. */
const MAX_HELD_OPEN = 10_000;

/** A file with its path from the chosen folder on. */
export interface FoundFile extends SizedFile {
  readonly path: string;
  /** Rejects if it can no longer be read. */
  readonly open: () => Promise<File>;
}

/** The files of an input; asking for a file's size may take the browser a while, so it is done one at a time. */
export function* filesOf(list: Iterable<File>): Generator<FoundFile, void> {
  for (const file of list) yield found(file, file.webkitRelativePath || file.name, async () => file);
}

/** The files of a drop, with everything in dropped folders. To be called while the event is handled. */
export function droppedFiles(transfer: DataTransfer): AsyncGenerator<FoundFile, void> {
  // All items at once: they are gone when the event is over.
  const dropped = [...transfer.items].map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
  let held = 0;
  // Further ones are let go, and opened again when they are sent.
  const hold = (file: File, open: () => Promise<File>): (() => Promise<File>) => {
    held += 1;
    return held <= MAX_HELD_OPEN ? async () => file : open;
  };
  return filesIn(
    dropped.filter((entry) => entry !== null),
    hold,
  );
}

type Hold = (file: File, open: () => Promise<File>) => () => Promise<File>;

async function* filesIn(entries: readonly (FileSystemEntry | File)[], hold: Hold): AsyncGenerator<FoundFile, void> {
  for (let first = 0; first < entries.length; first += FILES_AT_ONCE) {
    const some = entries.slice(first, first + FILES_AT_ONCE).filter((entry) => !isFolder(entry));
    yield* (await Promise.all(some.map((entry) => fileOf(entry, hold)))).filter((file) => file !== null);
  }
  for (const folder of entries.filter(isFolder)) {
    const reader = folder.createReader();
    // Some at a time, until none are left.
    for (;;) {
      const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
      if (some.length === 0) break;
      yield* filesIn(some, hold);
    }
  }
}

async function fileOf(entry: FileSystemEntry | File, hold: Hold): Promise<FoundFile | null> {
  if (entry instanceof File) return found(entry, entry.name, async () => entry);
  if (!isFile(entry)) return null;
  const open = (): Promise<File> => new Promise((resolve, reject) => entry.file(resolve, reject));
  // One that cannot be read, as a link that leads nowhere, is left out with the empty ones.
  const file = await open().catch(() => new File([], entry.name));
  return found(file, entry.fullPath.slice(1), hold(file, open));
}

function found({ name, size }: File, path: string, open: () => Promise<File>): FoundFile {
  return { name, path, size, open };
}

function isFolder(entry: FileSystemEntry | File): entry is FileSystemDirectoryEntry {
  return "isDirectory" in entry && entry.isDirectory;
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

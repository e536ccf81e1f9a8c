/** A file, with its place among all files of the upload. */
export interface PlacedFile {
  readonly position: number;
  readonly size: number;
}

/** Files that one request sends: neighbours, for the batch keeps them together at the place of the first. */
export interface Group<Item extends PlacedFile = PlacedFile> {
  readonly position: number;
  readonly files: readonly Item[];
  /** Of the files alone. */
  readonly bytes: number;
}

export interface GroupLimits {
  readonly files: number;
  /** Of a whole request. */
  readonly bytes: number;
}

/** Small enough to be sent again at little cost, and large enough that the requests themselves cost nothing. */
const PREFERRED: GroupLimits = { files: 256, bytes: 32_000_000 };

/** What stands around a file in a request, its name included. */
export const HEADER_BYTES = 4096;

/** The limits of a group, within those of the server. */
export function groupLimits(server: { append_max_files: number; append_max_bytes: number }): GroupLimits {
  return {
    files: Math.min(PREFERRED.files, server.append_max_files),
    bytes: Math.min(PREFERRED.bytes, server.append_max_bytes),
  };
}

/** The files in groups, one at a time; a file above the limit goes alone. */
export function* groupsOf<Item extends PlacedFile>(
  files: readonly Item[],
  limits: GroupLimits,
): Generator<Group<Item>, void> {
  let group: Item[] = [];
  let size = 0;
  for (const file of files) {
    const isNeighbour = group.at(-1)?.position === file.position - 1;
    const fits = group.length < limits.files && size + file.size + HEADER_BYTES <= limits.bytes;
    if (group.length > 0 && !(isNeighbour && fits)) {
      yield groupOf(group);
      group = [];
      size = 0;
    }
    group.push(file);
    size += file.size + HEADER_BYTES;
  }
  if (group.length > 0) yield groupOf(group);
}

function groupOf<Item extends PlacedFile>(files: readonly Item[]): Group<Item> {
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  return { position: files[0]?.position ?? 0, files, bytes };
}

import { type ChosenFile, segmentsOf } from "./file_paths.ts";

/** Why a file is better not sent. */
export type Reason = "hidden" | "empty" | "tooLarge" | "noImage";

export interface SizedFile extends ChosenFile {
  readonly size: number;
}

/** Files that are left out for one reason; those that are no image are told apart by their ending, such as `.mov`. */
export interface LeftOut<Item> {
  readonly reason: Reason;
  readonly ending: string;
  readonly files: readonly Item[];
}

export interface Sorting<Item> {
  readonly fit: readonly Item[];
  /** The most files first. */
  readonly leftOut: readonly LeftOut<Item>[];
}

/** Files that systems put into folders, beside those whose names begin with a dot. */
const HIDDEN_NAMES: ReadonlySet<string> = new Set(["thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "icon\r"]);

/** What stands among photographs and is none: films, sound, what programs keep beside them, text, archives. */
const ENDINGS_OF_OTHERS: ReadonlySet<string> = new Set(
  (
    "3gp avi flv m2ts m4v mkv mov mp4 mpeg mpg mts webm wmv aac flac m4a mp3 ogg opus wav wma aae dop ini lrv pp3 thm " +
    "xmp csv doc docx html json log md pdf ppt pptx rtf txt xls xlsx xml 7z gz rar tar zip db exe lnk sqlite"
  ).split(" "),
);

/** Sort out what a server could not develop, before a byte is sent. */
export function sortOut<Item extends SizedFile>(files: readonly Item[], maxFileBytes: number): Sorting<Item> {
  const kinds = Map.groupBy(files, (file) => {
    const reason = reasonAgainst(file, maxFileBytes);
    return reason === "noImage" ? `${reason} ${endingOf(file)}` : `${reason ?? ""} `;
  });
  const leftOut: LeftOut<Item>[] = [];
  for (const [kind, items] of kinds) {
    const [reason, ending = ""] = kind.split(" ");
    if (isReason(reason)) leftOut.push({ reason, ending, files: items });
  }
  leftOut.sort((one, other) => other.files.length - one.files.length);
  return { fit: kinds.get(" ") ?? [], leftOut };
}

function reasonAgainst(file: SizedFile, maxFileBytes: number): Reason | null {
  if (segmentsOf(file).some(isHidden)) return "hidden";
  if (file.size === 0) return "empty";
  if (ENDINGS_OF_OTHERS.has(endingOf(file).slice(1))) return "noImage";
  return file.size > maxFileBytes ? "tooLarge" : null;
}

function isHidden(segment: string): boolean {
  return segment.startsWith(".") || HIDDEN_NAMES.has(segment.toLowerCase());
}

/** With its dot and in small letters; empty where there is none. */
function endingOf({ name }: ChosenFile): string {
  return /\.[^. ]+$/.exec(name)?.[0].toLowerCase() ?? "";
}

function isReason(text: string | undefined): text is Reason {
  return text === "hidden" || text === "empty" || text === "tooLarge" || text === "noImage";
}

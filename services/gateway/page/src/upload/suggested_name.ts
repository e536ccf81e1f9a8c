/** A name for a batch of these files: their folder's if they come from one, else the first file's without its ending. */
export function suggestedName(files: readonly { readonly name: string; readonly path?: string }[]): string {
  const folders = new Set(files.map((file) => topFolder(file.path ?? "")));
  const [folder] = folders;
  if (folders.size === 1 && folder) return folder;
  return (files[0]?.name ?? "").replace(/\.[^.]+$/, "");
}

function topFolder(path: string): string {
  const segments = path.replace(/^\.?\//, "").split("/");
  return segments.length > 1 ? (segments[0] ?? "") : "";
}

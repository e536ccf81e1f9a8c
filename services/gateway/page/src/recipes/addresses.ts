/** No recipe can have this name. */
export const NEW = "+";

const MAX_NAME = 32;

/** The editor of a recipe, or of a new one that begins as another one's copy. `image` is the query that names a sample. */
export function editorOf(name: string, image = ""): string {
  return `/recipes/${encodeURIComponent(name)}${image && `?${image}`}`;
}

export function copyOf(name: string, image = ""): string {
  return `/recipes/${NEW}?from=${encodeURIComponent(name)}${image && `&${image}`}`;
}

/** What a copy is called at first. */
export function copyName(name: string): string {
  const ending = "-copy";
  return name.slice(0, MAX_NAME - ending.length) + ending;
}

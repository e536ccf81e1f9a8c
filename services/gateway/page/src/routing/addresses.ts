export type Parameters = Readonly<Record<string, string>>;

/** The parameters of an address that fits a pattern such as `/batches/:id`; null if it does not fit. */
export function matchAddress(pattern: string, path: string): Parameters | null {
  const expected = pattern.split("/");
  const given = path.split("/");
  if (expected.length !== given.length) return null;
  const parameters: Record<string, string> = {};
  for (const [position, segment] of expected.entries()) {
    const found = given[position] ?? "";
    if (!segment.startsWith(":")) {
      if (segment !== found) return null;
      continue;
    }
    const value = decoded(found);
    if (!value) return null;
    parameters[segment.slice(1)] = value;
  }
  return parameters;
}

/** A query with other values for some names; empty and null ones are left out. */
export function changedQuery(query: string, changes: Readonly<Record<string, string | null>>): string {
  const values = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value) values.set(name, value);
    else values.delete(name);
  }
  const text = values.toString();
  return text && `?${text}`;
}

/** The address without the prefix under which a proxy publishes the server. */
export function withoutRoot(root: string, path: string): string {
  return root && path.startsWith(`${root}/`) ? path.slice(root.length) : path;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return "";
  }
}

export type Json = null | boolean | number | string | readonly Json[] | Fields;
export interface Fields {
  readonly [name: string]: Json;
}

/** The way to a value: `["outputs", 0, "quality"]`. */
export type Place = readonly (string | number)[];

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The object that a text is; null while it is none. */
export function readFields(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : null;
  } catch {
    return null;
  }
}

export function asText(value: Json): string {
  return JSON.stringify(value, null, 2);
}

/** What stands at a place; undefined if nothing does. */
export function valueAt(value: Json | undefined, place: Place): Json | undefined {
  const [first, ...rest] = place;
  if (first === undefined) return value;
  if (typeof first === "number") return isList(value) ? valueAt(value[first], rest) : undefined;
  return isFields(value) && Object.hasOwn(value, first) ? valueAt(value[first], rest) : undefined;
}

/** The same with another value at a place; undefined takes away what stands there, and objects that it leaves empty. */
export function changed(value: Fields, place: Place, to: Json | undefined): Fields {
  const result = replaced(value, place, to);
  return isFields(result) ? result : {};
}

function replaced(value: Json | undefined, place: Place, to: Json | undefined): Json | undefined {
  const [first, ...rest] = place;
  if (first === undefined) return to;
  const inner = replaced(valueAt(value, [first]), rest, to);
  return typeof first === "number"
    ? withItem(isList(value) ? value : [], first, inner)
    : withField(isFields(value) ? value : {}, first, inner);
}

function withItem(items: readonly Json[], number: number, item: Json | undefined): readonly Json[] {
  return items.toSpliced(number, 1, ...(item === undefined ? [] : [item]));
}

function withField(fields: Fields, name: string, field: Json | undefined): Fields | undefined {
  if (field !== undefined) return { ...fields, [name]: field };
  const { [name]: _removed, ...others } = fields;
  return Object.keys(others).length > 0 ? others : undefined;
}

/** A list whose item stands at another place. */
export function moved(items: readonly Json[], from: number, to: number): readonly Json[] {
  const item = items[from];
  return item === undefined ? items : items.toSpliced(from, 1).toSpliced(to, 0, item);
}

import { type Fields, isFields, isList, type Json, valueAt } from "./json.ts";

/** As much of JSON Schema as the API uses to say what a recipe may hold. */
export interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly type?: string;
  readonly const?: Json;
  readonly enum?: readonly string[];
  readonly default?: Json;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly maxItems?: number;
  readonly description?: string;
}

/** How a value is filled in; `json` where the form has no way. */
export type Kind = "choice" | "flag" | "number" | "colour" | "file" | "text" | "part" | "parts" | "json";

/** Recipes are shallow; a step of another package that holds itself would have no end. */
const MAX_DEPTH = 8;
/** Further apart a slider hits no single value. */
const MAX_SLIDER_SPAN = 720;

/** The schema with all references followed, and `X or null` taken for X. */
export function resolved(schema: Schema, all: Schema = schema, depth = 0): Schema {
  if (depth > MAX_DEPTH) return {};
  const { $ref, anyOf, ...own } = schema;
  const follow = (other: Schema): Schema => resolved(other, all, depth + 1);
  const named = $ref && all.$defs?.[$ref.slice("#/$defs/".length)];
  if (named) return { ...follow(named), ...own };
  const inner = anyOf?.find(({ type }) => type !== "null");
  if (inner) return { ...follow(inner), ...own };
  const { properties, oneOf, items } = own;
  return {
    ...own,
    ...(properties && { properties: Object.fromEntries(Object.entries(properties).map(([k, v]) => [k, follow(v)])) }),
    ...(oneOf && { oneOf: oneOf.map(follow) }),
    ...(items && { items: follow(items) }),
  };
}

export function kindOf(schema: Schema): Kind {
  if (schema.enum) return "choice";
  if (schema.properties) return "part";
  if (schema.items?.oneOf) return "parts";
  if (schema.type === "boolean") return "flag";
  if (schema.type === "integer" || schema.type === "number") return "number";
  if (schema.type !== "string") return "json";
  if (schema.pattern?.startsWith("^#")) return "colour";
  return schema.pattern?.includes("+/=") ? "file" : "text";
}

/** What the items of a list may be, by the word that says which one is: the `op` of steps, the `format` of outputs. */
export function variantsOf(list: Schema): ReadonlyMap<string, Schema> {
  return new Map((list.items?.oneOf ?? []).map((variant) => [String(tagOf(variant)?.[1]), variant]));
}

/** The field of a part that says which one it is, with its value. */
export function tagOf(part: Schema): readonly [string, Json] | null {
  for (const [name, { const: value }] of Object.entries(part.properties ?? {}))
    if (value !== undefined) return [name, value];
  return null;
}

/** The variant that an item says it is; undefined for one that the server does not know. */
export function variantOf(list: Schema, item: Json | undefined): Schema | undefined {
  if (!isFields(item)) return undefined;
  return [...variantsOf(list).values()].find((variant) => {
    const [name, value] = tagOf(variant) ?? [];
    return name !== undefined && item[name] === value;
  });
}

/** A part of a variant, with what fits of another one; names that it has to have are the variant's own at first. */
export function partOf(variant: Schema, other: Json = {}): Fields {
  const [tag, word] = tagOf(variant) ?? ["", ""];
  const isName = (name: string, { pattern }: Schema): boolean =>
    variant.required?.includes(name) === true && pattern !== undefined && new RegExp(pattern).test(String(word));
  const fields = Object.entries(variant.properties ?? {}).map(([name, schema]) => {
    if (name === tag) return [name, word];
    return [name, valueAt(other, [name]) ?? (isName(name, schema) ? word : undefined)];
  });
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

/** A value without what the API puts there anyway, which makes it short to read. */
export function brief(value: Json, schema: Schema = {}): Json {
  if (isList(value)) return value.map((item) => brief(item, variantOf(schema, item)));
  if (!isFields(value)) return value;
  const fields = Object.entries(value).filter(([name, field]) => !isDefault(field, schema.properties?.[name]));
  return Object.fromEntries(fields.map(([name, field]) => [name, brief(field, schema.properties?.[name])]));
}

function isDefault(value: Json, schema: Schema | undefined): boolean {
  if (!schema || schema.const !== undefined || schema.default === undefined) return false;
  return JSON.stringify(value) === JSON.stringify(schema.default);
}

/** The ends and the step of a slider; null where there is no room for one. */
export function sliderOf({ type, minimum, exclusiveMinimum, maximum }: Schema) {
  const lowest = minimum ?? exclusiveMinimum;
  if (lowest === undefined || maximum === undefined || maximum - lowest > MAX_SLIDER_SPAN) return null;
  const span = maximum - lowest;
  const step = type === "integer" || span > 100 ? 1 : span > 10 ? 0.1 : 0.01;
  return { min: minimum ?? lowest + step, max: maximum, step };
}

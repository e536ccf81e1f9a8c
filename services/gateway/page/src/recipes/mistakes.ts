import type { ApiProblem } from "../api/problem.ts";
import { isFields, type Place } from "./json.ts";
import type { Schema } from "./schema.ts";

/** What the API finds wrong with a recipe: sentences by their place, such as `outputs.0.quality`. */
export type Mistakes = ReadonlyMap<string, string>;

export const NO_MISTAKES: Mistakes = new Map();

/** Refusals of the recipe itself, or of its name. */
const CODES = new Set(["recipe_invalid", "invalid_request"]);

export function placeName(place: Place): string {
  return place.join(".");
}

/** The mistakes that a refusal names; none if it was refused for anything else. */
export function mistakesOf({ code, details }: ApiProblem): Mistakes {
  if (!CODES.has(code) || !Array.isArray(details)) return NO_MISTAKES;
  const placed = details.filter(isFields).flatMap(({ loc, field, sentence, problem }) => {
    const place = placeOf(loc, field);
    return place === null ? [] : [[place, String(sentence ?? problem)] as const];
  });
  return new Map(placed);
}

/** Those at a place itself, and at fields within that the form does not have. */
export function mistakesAt(mistakes: Mistakes, place: Place, schema: Schema): string[] {
  const here = placeName(place);
  return [...mistakes]
    .filter(([name]) => {
      if (name === here) return true;
      const within = here === "" ? name : name.startsWith(`${here}.`) && name.slice(here.length + 1);
      return within && !Object.hasOwn(schema.properties ?? {}, within.split(".")[0] ?? "");
    })
    .map(([name, sentence]) => (name === here ? sentence : `${name}: ${sentence}`));
}

/** The API's places name steps and outputs with what they are, which the recipe's own places do not. */
function placeOf(loc: unknown, field: unknown): string | null {
  if (Array.isArray(loc)) return placeName(loc.filter((_, depth) => depth !== 2 || typeof loc[1] !== "number"));
  // The name in the address is that of the recipe.
  return field === "path.name" ? "name" : null;
}

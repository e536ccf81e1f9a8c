import { words } from "../words/words.ts";
import { type Fields, type Json, type Place, valueAt } from "./json.ts";
import type { Mistakes } from "./mistakes.ts";

/** The recipe that the form shows, and how it is changed. */
export interface Editing {
  readonly recipe: Fields;
  readonly mistakes: Mistakes;
  /** Put another value at a place; undefined takes it away. */
  readonly change: (place: Place, to: Json | undefined) => void;
}

export function shownAt({ recipe }: Editing, place: Place): Json | undefined {
  return valueAt(recipe, place);
}

/** What a step, a field or a value is called in the page's language. */
export function wordFor(name: string): string {
  return FORMATS[name] ?? words.value.recipes.nameOf(name);
}

/** Called the same everywhere. */
const FORMATS: Readonly<Record<string, string>> = {
  jpeg: "JPEG",
  webp: "WebP",
  avif: "AVIF",
  png: "PNG",
  gif: "GIF",
  exif: "EXIF",
};

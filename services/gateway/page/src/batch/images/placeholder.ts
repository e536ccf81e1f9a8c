import type { ShownTile } from "./tile_pages.ts";

/** Of BlurHash, in the order of their values. */
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";
const MAX_COLOUR = 0xffffff;

/** What stands in a print's place until it has come: a colour in CSS, or nothing. */
export function backgroundOf({ placeholder, colour }: Pick<ShownTile, "placeholder" | "colour">): string {
  return placeholder ? meanColour(placeholder) : (colour ?? "");
}

/** The mean colour of a BlurHash, which four of its characters say; empty for one that this page cannot read. */
function meanColour(hash: string): string {
  const value = [...hash.slice(2, 6)].reduce((sum, digit) => sum * DIGITS.length + DIGITS.indexOf(digit), 0);
  return value >= 0 && value <= MAX_COLOUR ? `#${value.toString(16).padStart(6, "0")}` : "";
}

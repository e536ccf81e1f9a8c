const DIRECTIONS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const FIRST_STRONG_ISOLATE = "\u2068";
const POP_ISOLATE = "\u2069";

/** A person's own name for something as a part of a sentence: composed (NFC), and turning no direction but its own. */
export function isolated(name: string): string {
  return FIRST_STRONG_ISOLATE + name.normalize("NFC").replace(DIRECTIONS, "") + POP_ISOLATE;
}

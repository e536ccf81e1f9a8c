/** A number that is being typed: one as soon as it could be written no other way, else the text as it stands. */
export function typedNumber(text: string): number | string | undefined {
  if (text === "") return undefined;
  return String(Number(text)) === text ? Number(text) : text;
}

/** A number that has been typed: `0.50` is 0.5, and what is none is left to the API to name. */
export function settledNumber(text: string): number | string | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  return Number.isFinite(Number(trimmed)) ? Number(trimmed) : text;
}

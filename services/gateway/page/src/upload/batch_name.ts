/** As many characters as a batch's name may have. */
export const MAX_NAME_CHARACTERS = 200;

/** A folder's or file's name as one for a batch: systems take longer ones, and what cannot be seen; some decompose Hangul. */
export function batchNameOf(name: string): string {
  const composed = name.normalize("NFC").replace(/\p{Cc}/gu, " ");
  return [...composed.trim()].slice(0, MAX_NAME_CHARACTERS).join("");
}

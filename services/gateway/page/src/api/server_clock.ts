let aheadMilliseconds = 0;

/** Learn the server's clock from the Date header of an answer. */
export function noteServerTime(date: string | null, now = Date.now()): void {
  const time = date ? Date.parse(date) : Number.NaN;
  const ahead = time - now;
  // The header has whole seconds: less than that is no difference.
  if (!Number.isNaN(ahead)) aheadMilliseconds = Math.abs(ahead) < 1500 ? 0 : ahead;
}

/** The present time by the server's clock, as milliseconds since 1970. */
export function serverNow(now = Date.now()): number {
  return now + aheadMilliseconds;
}

/** A time of the API as milliseconds since 1970: those of the contract are UTC without saying so. */
export function momentOf(text: string): number {
  return Date.parse(/Z$|[+-]\d\d:\d\d$/.test(text) ? text : `${text}Z`);
}

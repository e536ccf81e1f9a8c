interface Counted {
  readonly code: string;
  readonly images: number;
}

/**
 * The causes as they are now, each in the place where it was first shown: one that is being retried stays, without images.
 *
 * Nothing moves under the pointer of a person who goes from one button to the next.
 */
export function keptCauses<Cause extends Counted>(shown: readonly Cause[], now: readonly Cause[]): Cause[] {
  const byCode = new Map(now.map((cause) => [cause.code, cause]));
  const stayed = shown.map((cause) => byCode.get(cause.code) ?? { ...cause, images: 0 });
  const known = new Set(shown.map(({ code }) => code));
  return [...stayed, ...now.filter(({ code }) => !known.has(code))];
}

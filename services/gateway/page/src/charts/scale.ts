/** The smallest of 1, 2 or 5 times a power of ten that is not below `value`: where an axis ends. */
export function niceMaximum(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  // A hundredth of a hundredth for what division leaves: 0.3 / 0.1 is a little less than 3.
  const step = [1, 2, 5].find((candidate) => candidate * power >= value * 0.9999) ?? 10;
  // Multiplying by 0.001 gives 0.005000000000000001 where dividing by 1,000 does not.
  return power < 1 ? step / Math.round(1 / power) : step * power;
}

/** The largest of the values that are there; 0 if none is. */
export function largest(values: readonly (number | null)[]): number {
  return values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
}

/** Which of `count` places beside each other is at a share, 0 to 1, of their whole width. */
export function placeAt(share: number, count: number): number {
  return Math.max(0, Math.min(count - 1, Math.floor(share * count)));
}

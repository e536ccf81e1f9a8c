const HOUR_MILLISECONDS = 3_600_000;

/** How far back statistics reach, by the name in the address. */
export const RANGES = {
  hour: HOUR_MILLISECONDS,
  day: 24 * HOUR_MILLISECONDS,
  fortnight: 14 * 24 * HOUR_MILLISECONDS,
} as const;

export type Range = keyof typeof RANGES;
export const RANGE_NAMES: readonly Range[] = ["hour", "day", "fortnight"];

/** The range that an address names; the hour if it names none that there is. */
export function rangeOf(asked: URLSearchParams): Range {
  return RANGE_NAMES.find((name) => name === asked.get("range")) ?? "hour";
}

/** When a range that ends at `moment` begins, as the API takes it; both are the server's time. */
export function beginOf(range: Range, moment: number): string {
  return new Date(moment - RANGES[range]).toISOString();
}

/** The share of images that failed, 0 to 1; null where there was none. */
export function failedShare({ developed, failed }: { developed: number; failed: number }): number | null {
  return developed + failed > 0 ? failed / (developed + failed) : null;
}

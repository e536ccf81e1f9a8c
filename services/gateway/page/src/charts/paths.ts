/** The space that paths are drawn in; the picture is stretched over whatever room it has. */
export const SPACE = { width: 1000, height: 100 } as const;

/** One for each step of time, in its order; null where there is none. */
export type Values = readonly (number | null)[];

/** A surface as wide as a step over each value, with nothing where none is. The axis ends at `maximum`. */
export function areaPath(values: Values, maximum: number): string {
  const drawn = values.map((value, index) => {
    if (value === null || value === 0) return "";
    const [left, right] = [edgeAt(index, values.length), edgeAt(index + 1, values.length)];
    return `M${left} ${SPACE.height}V${heightOf(value, maximum)}H${right}V${SPACE.height}Z`;
  });
  return drawn.join("");
}

/** A line as wide as a step at each value, joined to the one before, and interrupted where there is none. */
export function linePath(values: Values, maximum: number): string {
  let isJoined = false;
  const drawn = values.map((value, index) => {
    const wasJoined = isJoined;
    isJoined = value !== null;
    if (value === null) return "";
    const height = heightOf(value, maximum);
    const begin = wasJoined ? `V${height}` : `M${edgeAt(index, values.length)} ${height}`;
    return `${begin}H${edgeAt(index + 1, values.length)}`;
  });
  return drawn.join("");
}

/** Where the middle of a step is, from the left. */
export function middleAt(index: number, count: number): number {
  return rounded(((index + 0.5) * SPACE.width) / count);
}

function edgeAt(index: number, count: number): number {
  return rounded((index * SPACE.width) / count);
}

/** From the top. */
function heightOf(value: number, maximum: number): number {
  return rounded(SPACE.height * (1 - Math.min(1, value / maximum)));
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

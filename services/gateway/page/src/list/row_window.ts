/** Rows that are drawn, and the room in CSS pixels that stands for those that are not. */
export type Piece = { readonly row: number } | { readonly room: number };

/** Screens that are drawn above and below the one that is seen. */
const SCREENS_BESIDE = 0.75;

interface Window {
  /** Of the window's upper edge below that of the list. */
  readonly top: number;
  readonly windowHeight: number;
}

/**
 * The rows in the window and some around it, and the one that has the focus, with room for the others between them.
 *
 * Its neighbours are drawn as well: keys that go from row to row may be faster than the browser draws.
 */
export function windowed(heights: readonly number[], { top, windowHeight }: Window, focused: number): Piece[] {
  const pieces: Piece[] = [];
  const [from, to] = [top - windowHeight * SCREENS_BESIDE, top + windowHeight * (1 + SCREENS_BESIDE)];
  let [edge, room] = [0, 0];
  for (const [row, height] of heights.entries()) {
    const isNear = edge + height >= from && edge <= to;
    edge += height;
    if (!isNear && (focused < 0 || Math.abs(row - focused) > 1)) {
      room += height;
      continue;
    }
    if (room > 0) pieces.push({ room });
    room = 0;
    pieces.push({ row });
  }
  if (room > 0) pieces.push({ room });
  return pieces;
}

/** The height of each row: as it was measured, or else the mean of those that were. */
export function heightsOf(ids: readonly string[], measured: ReadonlyMap<string, number>, usual: number): number[] {
  const known = ids.flatMap((id) => measured.get(id) ?? []);
  const mean = known.length > 0 ? known.reduce((sum, height) => sum + height, 0) / known.length : usual;
  return ids.map((id) => measured.get(id) ?? mean);
}

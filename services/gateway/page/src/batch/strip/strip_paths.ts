import { type Cell, imagesOf, STATES, type State } from "./cells.ts";

/** In CSS pixels: columns are as high as the height without the mark above them that failures alone reach. */
export const HEIGHT = 36;
const MARK_HEIGHT = 8;
const COLUMN_HEIGHT = HEIGHT - MARK_HEIGHT;
/** One failure of a hundred images is seen as well. */
const MIN_FAILED_HEIGHT = 4;
/** From the bottom upwards; waiting images leave their part of the column empty. */
const STACKED = ["completed", "working", "revoked"] as const;

export type DrawnState = Exclude<State, "pending">;

/** A surface for each state over the cells' columns, which fill a width in CSS pixels. */
export function pathsOf(cells: readonly Cell[], width: number): Record<DrawnState, string> {
  const runs: Record<DrawnState, string> = { completed: "", working: "", revoked: "", failed: "" };
  const step = width / Math.max(1, cells.length);
  let place = 0;
  while (place < cells.length) {
    const cell = cells[place];
    let end = place + 1;
    while (end < cells.length && isSame(cell, cells[end])) end += 1;
    if (cell) drawColumn(runs, cell, rounded(place * step), rounded(end * step));
    place = end;
  }
  return runs;
}

/** The column of equal cells beside each other. */
function drawColumn(paths: Record<DrawnState, string>, cell: Cell, left: number, right: number): void {
  const all = imagesOf(cell, STATES);
  let bottom = HEIGHT;
  for (const state of STACKED) {
    const top = rounded(bottom - (COLUMN_HEIGHT * cell[state]) / all);
    if (top < bottom) paths[state] += box(left, right, top, bottom);
    bottom = top;
  }
  if (cell.failed < 0.005) return;
  const height = Math.max(MIN_FAILED_HEIGHT, (COLUMN_HEIGHT * cell.failed) / all);
  paths.failed += box(left, right, 0, rounded(MARK_HEIGHT + height));
}

function isSame(one: Cell | undefined, other: Cell | undefined): boolean {
  return STATES.every((state) => one?.[state] === other?.[state]);
}

function box(left: number, right: number, top: number, bottom: number): string {
  return `M${left} ${top}H${right}V${bottom}H${left}Z`;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

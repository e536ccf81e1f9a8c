/** How many images stand beside each other, and how large their cells are, in CSS pixels. */
export interface Layout {
  readonly columns: number;
  readonly cellWidth: number;
  readonly rowHeight: number;
}

/** Some images in a row of their indexes: `first` <= index < `end`. */
export interface Range {
  readonly first: number;
  readonly end: number;
}

/** Between two cells, in both directions. */
export const GAP = 8;

const WANTED_WIDTH = { small: 104, large: 168 } as const;
const MIN_COLUMNS = 3;
/** The line with an image's name below its picture. */
const CAPTION_HEIGHT = 24;
/** Browsers end elements at 16.7 million pixels (Chrome on Macs) or later; a grid stays well below. */
const MAX_HEIGHT = 10_000_000;
/** Screens that are drawn above and below the one that is seen. */
const SCREENS_BESIDE = 0.5;

export type CellSize = keyof typeof WANTED_WIDTH;

export function layoutOf(width: number, size: CellSize): Layout {
  const columns = Math.max(MIN_COLUMNS, Math.floor((width + GAP) / (WANTED_WIDTH[size] + GAP)));
  const cellWidth = Math.max(1, Math.floor((width - GAP * (columns - 1)) / columns));
  return { columns, cellWidth, rowHeight: cellWidth + CAPTION_HEIGHT + GAP };
}

export function rowsOf(images: number, { columns }: Layout): number {
  return Math.ceil(images / columns);
}

/** The part of all images that a grid shows together: all of them, unless they would be higher than a browser draws. */
export function sectionAt(index: number, total: number, layout: Layout): Range {
  const size = Math.floor(MAX_HEIGHT / layout.rowHeight) * layout.columns;
  const first = Math.floor(Math.min(index, Math.max(total - 1, 0)) / size) * size;
  return { first, end: Math.min(first + size, total) };
}

/** The rows that are drawn: those in the window, and some above and below. `top` is the window's place in the grid. */
export function drawnRows(top: number, windowHeight: number, rows: number, { rowHeight }: Layout): Range {
  const beside = windowHeight * SCREENS_BESIDE;
  const first = clamp(Math.floor((top - beside) / rowHeight), 0, rows);
  const end = clamp(Math.ceil((top + windowHeight + beside) / rowHeight), first, rows);
  return { first, end };
}

/** Where a key leads from a position in the grid; null for a key that leads nowhere. */
export function moved(key: string, position: number, count: number, { columns }: Layout, rowsInWindow: number) {
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
    PageUp: -columns * rowsInWindow,
    PageDown: columns * rowsInWindow,
    Home: -count,
    End: count,
  };
  const step = steps[key];
  return step === undefined ? null : clamp(position + step, 0, count - 1);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), Math.max(least, most));
}

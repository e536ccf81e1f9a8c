/** What images are, the ones that have ended first. */
export const STATES = ["completed", "failed", "revoked", "working", "pending"] as const;
export type State = (typeof STATES)[number];

/** How many of a cell's images are in each state; parts of one where a chunk reaches over several cells. */
export type Cell = Record<State, number>;

/** What the strip has to know of a batch. */
export interface CountedBatch {
  readonly total_images: number;
  readonly failed_images: number;
  readonly revoked_images: number;
  readonly finished_at: string | null;
}

/** What the strip has to know of a chunk. */
export interface CountedChunk {
  readonly generation: number;
  readonly images: number;
  readonly first_index: number;
  readonly last_index: number;
  readonly completed: number;
  readonly failed: number;
  readonly revoked: number;
  readonly settled: boolean;
  readonly worker: string | null;
}

const MAX_CELLS = 1000;
/** A narrower cell is seen by no eye, in CSS pixels. */
const MIN_CELL_WIDTH = 2;
const FIRST_DEVELOPED: readonly State[] = ["pending"];
const RETRIED: readonly State[] = ["pending", "failed", "revoked"];

/** How many images a cell stands for where that many have to find room in a width. */
export function imagesInCell(total: number, width: number): number {
  const most = Math.max(1, Math.min(MAX_CELLS, Math.floor(width / MIN_CELL_WIDTH)));
  return Math.max(1, Math.ceil(total / most));
}

/** Cells of `size` images by the state of each; one that is pending is worked on where a chunk of it is. */
export function cellsOfStates(states: readonly string[], chunks: readonly CountedChunk[], size: number): Cell[] {
  const inWork = chunks.filter(({ settled, worker }) => !settled && worker !== null);
  const cells = emptyCells(states.length, size);
  for (const [index, state] of states.entries()) {
    const isInWork = inWork.some(({ first_index, last_index }) => first_index <= index && index <= last_index);
    const known = STATES.find((one) => one === state) ?? "pending";
    const cell = cells[Math.floor(index / size)];
    if (cell) cell[known === "pending" && isInWork ? "working" : known] += 1;
  }
  return cells;
}

/**
 * Cells of `size` images by the counts of the chunks, in the order in which they were made.
 *
 * A chunk of the first generation is a run of images. One of a retry has images that had failed or were left out, and
 * takes them from the cells of its range.
 */
export function cellsOfChunks(batch: CountedBatch, chunks: readonly CountedChunk[], size: number): Cell[] {
  const total = batch.total_images;
  const cells = emptyCells(total, size);
  for (const [place, cell] of cells.entries()) cell.pending = Math.min(size, total - place * size);
  for (const chunk of chunks) moveImages(cells, chunk, size);
  if (batch.finished_at) finish(cells, batch);
  return cells;
}

/** Have the cells tell of no more failures than the batch ended with: what a retry mended may be sought elsewhere. */
function finish(cells: readonly Cell[], batch: CountedBatch): void {
  // A stopped batch ends with images that were never in a chunk.
  for (const cell of cells) move(cell, "pending", "revoked", 1);
  for (const [state, most] of [["failed", batch.failed_images] as const, ["revoked", batch.revoked_images] as const]) {
    const found = cells.reduce((sum, cell) => sum + cell[state], 0);
    if (found > most) for (const cell of cells) move(cell, state, "completed", 1 - most / found);
  }
}

/** Give the cells of a chunk's range what its images have come to, instead of what they were. */
function moveImages(cells: readonly Cell[], chunk: CountedChunk, size: number): void {
  const isFirst = chunk.generation === 0;
  const places = placesOf(chunk, size);
  const parts = isFirst ? partsOfRun(chunk, places, size) : partsOfRetry(chunk, places, cells);
  for (const [position, place] of places.entries()) {
    const cell = cells[place];
    if (cell) moveWithin(cell, chunk, isFirst ? FIRST_DEVELOPED : RETRIED, parts[position] ?? 0);
  }
}

function partsOfRun({ first_index, last_index }: CountedChunk, places: readonly number[], size: number): number[] {
  return places.map((place) => Math.min(last_index + 1, (place + 1) * size) - Math.max(first_index, place * size));
}

/** Mostly it has all that is left in its cells but the last, as earlier chunks took theirs; else a part of each cell. */
function partsOfRetry(chunk: CountedChunk, places: readonly number[], cells: readonly Cell[]): number[] {
  const left = places.map((place) => imagesOf(cells[place], RETRIED));
  const all = left.reduce((sum, images) => sum + images, 0);
  const beforeLast = all - (left.at(-1) ?? 0);
  if (chunk.images < beforeLast) return left.map((images) => (images * chunk.images) / all);
  return [...left.slice(0, -1), chunk.images - beforeLast];
}

function moveWithin(cell: Cell, chunk: CountedChunk, from: readonly State[], images: number): void {
  const share = images / Math.max(1, chunk.images);
  const ended = chunk.completed + chunk.failed + chunk.revoked;
  take(cell, from, images);
  cell.completed += share * chunk.completed;
  cell.failed += share * chunk.failed;
  cell.revoked += share * chunk.revoked;
  cell[chunk.worker === null ? "pending" : "working"] += share * Math.max(0, chunk.images - ended);
}

/** Take so many images from the states in proportion to what they have. */
function take(cell: Cell, from: readonly State[], images: number): void {
  const all = imagesOf(cell, from);
  const left = all > images ? 1 - images / all : 0;
  for (const state of from) cell[state] *= left;
}

/** How many of a cell's images are in one of these states. */
export function imagesOf(cell: Cell | undefined, states: readonly State[]): number {
  return cell ? states.reduce((sum, state) => sum + cell[state], 0) : 0;
}

function move(cell: Cell, from: State, to: State, share: number): void {
  const images = cell[from] * share;
  cell[from] -= images;
  cell[to] += images;
}

function placesOf({ first_index, last_index }: CountedChunk, size: number): number[] {
  const first = Math.floor(first_index / size);
  return Array.from({ length: Math.floor(last_index / size) - first + 1 }, (_, step) => first + step);
}

function emptyCells(total: number, size: number): Cell[] {
  const count = Math.ceil(total / size);
  return Array.from({ length: count }, () => ({ completed: 0, failed: 0, revoked: 0, working: 0, pending: 0 }));
}

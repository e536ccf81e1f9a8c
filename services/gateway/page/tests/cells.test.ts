import assert from "node:assert/strict";
import { test } from "node:test";
import { type Cell, cellsOfChunks, cellsOfStates, imagesInCell, STATES } from "../src/batch/strip/cells.ts";

const chunk = {
  generation: 0,
  images: 10,
  first_index: 0,
  last_index: 9,
  completed: 0,
  failed: 0,
  revoked: 0,
  settled: true,
  worker: "one",
};

const running = { total_images: 40, failed_images: 0, revoked_images: 0, finished_at: null };

const rounded = (cell: Cell | undefined) => STATES.map((state) => Math.round(100 * (cell?.[state] ?? 0)) / 100);
const sum = (cells: readonly Cell[], state: (typeof STATES)[number]) =>
  Math.round(cells.reduce((all, cell) => all + cell[state], 0));

test("there are never more than a thousand cells, and no narrower ones than can be seen", () => {
  assert.equal(imagesInCell(100_000, 5000), 100);
  assert.equal(imagesInCell(40, 1120), 1);
  assert.equal(imagesInCell(1000, 328), 7);
  assert.equal(imagesInCell(0, 0), 1);
});

test("where the state of each image is known, cells are exact, and those in a worker's hands are told apart", () => {
  const states = ["completed", "failed", "pending", "pending", "revoked", "unheard-of"];
  const open = { ...chunk, first_index: 2, last_index: 2, images: 1, settled: false };
  const cells = cellsOfStates(states, [open], 2);
  assert.deepEqual(cells.map(rounded), [
    [1, 1, 0, 0, 0],
    [0, 0, 0, 1, 1],
    [0, 0, 1, 0, 1],
  ]);
});

test("chunks of a first generation fill the cells that they reach over", () => {
  const chunks = [
    { ...chunk, completed: 9, failed: 1 },
    { ...chunk, first_index: 10, last_index: 19, completed: 4, settled: false },
    { ...chunk, first_index: 20, last_index: 29, settled: false, worker: null },
  ];
  const cells = cellsOfChunks(running, chunks, 20);
  assert.deepEqual(cells.map(rounded), [
    [13, 1, 0, 6, 0],
    [0, 0, 0, 0, 20],
  ]);
});

test("a chunk that is larger than a cell gives each its part", () => {
  const large = { ...chunk, images: 100, last_index: 99, completed: 90, failed: 10 };
  const cells = cellsOfChunks({ ...running, total_images: 100 }, [large], 25);
  assert.deepEqual(cells.map(rounded), Array(4).fill([22.5, 2.5, 0, 0, 0]));
});

test("a retry takes its images from those that had failed or were left out, wherever they are in its range", () => {
  const first = [0, 1, 2, 3].map((number) => ({
    ...chunk,
    first_index: number * 10,
    last_index: number * 10 + 9,
    completed: number === 1 ? 10 : 8,
    failed: number === 1 ? 0 : 2,
  }));
  const retry = { ...chunk, generation: 1, images: 6, first_index: 3, last_index: 35, completed: 6 };
  const cells = cellsOfChunks(running, [...first, retry], 10);
  assert.equal(sum(cells, "completed"), 40);
  assert.equal(sum(cells, "failed"), 0);
  assert.deepEqual(rounded(cells[1]), [10, 0, 0, 0, 0]);
});

test("a retry of some leaves the others as they are", () => {
  const first = { ...chunk, images: 40, last_index: 39, completed: 36, failed: 4 };
  const retry = { ...chunk, generation: 1, images: 2, last_index: 39, completed: 1, failed: 1 };
  const cells = cellsOfChunks(running, [first, retry], 10);
  assert.equal(sum(cells, "completed"), 37);
  assert.equal(sum(cells, "failed"), 3);
});

test("what was in no chunk when the batch was over was left out", () => {
  const over = { ...running, total_images: 20, revoked_images: 10, finished_at: "2026-01-01" };
  const cells = cellsOfChunks(over, [{ ...chunk, completed: 10 }], 10);
  assert.deepEqual(cells.map(rounded), [
    [10, 0, 0, 0, 0],
    [0, 0, 10, 0, 0],
  ]);
});

test("a batch that ended without failures shows none, also where its chunks do not tell which images they retried", () => {
  const first = { ...chunk, images: 40, last_index: 39, completed: 36, failed: 4 };
  const retry = { ...chunk, generation: 1, images: 4, first_index: 12, last_index: 25, completed: 4 };
  const cells = cellsOfChunks({ ...running, finished_at: "2026-01-01" }, [first, retry], 10);
  assert.equal(Math.max(...cells.map(({ failed }) => failed)), 0);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { heightsOf, windowed } from "../src/list/row_window.ts";

const rowsOf = (pieces: ReturnType<typeof windowed>) => pieces.flatMap((piece) => ("row" in piece ? [piece.row] : []));
const roomOf = (pieces: ReturnType<typeof windowed>) =>
  pieces.reduce((sum, piece) => sum + ("room" in piece ? piece.room : 80), 0);

test("of a thousand rows some dozens are drawn, and the list is as high as if all were", () => {
  const pieces = windowed(Array(1000).fill(80), { top: 40_000, windowHeight: 800 }, -1);
  const rows = rowsOf(pieces);
  assert.ok(rows.length <= 30);
  assert.ok(rows.includes(500) && rows.includes(509));
  assert.equal(roomOf(pieces), 80_000);
});

test("the row with the focus and its neighbours stay, wherever one has scrolled to", () => {
  const pieces = windowed(Array(1000).fill(80), { top: 40_000, windowHeight: 800 }, 3);
  assert.deepEqual(rowsOf(pieces).slice(0, 3), [2, 3, 4]);
  assert.equal(roomOf(pieces), 80_000);
  assert.equal(pieces.length - rowsOf(pieces).length, 3);
});

test("few rows are all drawn, without room around them", () => {
  assert.deepEqual(windowed([80, 90], { top: -100, windowHeight: 800 }, -1), [{ row: 0 }, { row: 1 }]);
});

test("rows that were not measured yet are taken for as high as the others", () => {
  assert.deepEqual(
    heightsOf(
      ["a", "b", "c"],
      new Map([
        ["a", 100],
        ["b", 120],
      ]),
      80,
    ),
    [100, 120, 110],
  );
  assert.deepEqual(heightsOf(["a"], new Map(), 80), [80]);
});

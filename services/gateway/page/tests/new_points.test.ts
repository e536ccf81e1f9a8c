import assert from "node:assert/strict";
import { test } from "node:test";
import { NewPoints } from "../src/system/new_points.ts";

const SECOND = 1000;

test("while images are developed there is a new point each minute, and not with each event", () => {
  const points = new NewPoints();
  const read: number[] = [];
  for (let second = 0; second < 180; second += 2) if (points.note(second, second * SECOND)) read.push(second);
  assert.deepEqual(read, [60, 120]);
});

test("when nothing is developed any more, the last images are counted and nothing is read after that", () => {
  const points = new NewPoints();
  const read: number[] = [];
  for (let second = 0; second < 600; second += 2)
    if (points.note(Math.min(second, 50), second * SECOND)) read.push(second);
  assert.deepEqual(read, [60, 120]);
});

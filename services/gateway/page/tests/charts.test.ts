import assert from "node:assert/strict";
import { test } from "node:test";
import { areaPath, linePath, middleAt } from "../src/charts/paths.ts";
import { largest, niceMaximum, placeAt } from "../src/charts/scale.ts";

test("an axis ends at the next 1, 2 or 5 of its power of ten, also below 1 and where nothing is", () => {
  const expected = [
    [0, 1],
    [1, 1],
    [3, 5],
    [5, 5],
    [51, 100],
    [1204, 2000],
    [0.3, 0.5],
    [0.004, 0.005],
    [0.02, 0.02],
  ] as const;
  for (const [value, end] of expected) assert.equal(niceMaximum(value), end, String(value));
});

test("the largest of values that are partly missing is found", () => {
  assert.equal(largest([null, 3, null, 2]), 3);
  assert.equal(largest([null]), 0);
});

test("a pointer is over the step in whose width it is, and at the edges over the outer ones", () => {
  assert.deepEqual(
    [-0.1, 0, 0.24, 0.26, 0.99, 1, 1.5].map((share) => placeAt(share, 4)),
    [0, 0, 0, 1, 3, 3, 3],
  );
});

test("an area is as wide as its steps, and there is none where no value is", () => {
  assert.equal(areaPath([50, null, 0, 100], 100), "M0 100V50H250V100ZM750 100V0H1000V100Z");
});

test("a line is level over each step, joined to the one before, and interrupted where no value is", () => {
  assert.equal(linePath([0, 50, null, 100], 100), "M0 100H250V50H500M750 0H1000");
  assert.equal(linePath([null, null], 1), "");
});

test("what is beyond the axis is drawn at its end, and 360 steps fill the space", () => {
  assert.equal(linePath([300], 100), "M0 0H1000");
  assert.ok(middleAt(359, 360) < 1000);
});

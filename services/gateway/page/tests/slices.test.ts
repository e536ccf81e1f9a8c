import assert from "node:assert/strict";
import { test } from "node:test";
import { Slices, sortedInSlices } from "../src/upload/slices.ts";

test("what is sorted in slices is in order, and equal ones stay as they stood", async () => {
  for (const length of [0, 1, 4096, 4097, 30_000]) {
    const items = Array.from({ length }, (_, place) => ({ key: (place * 7919) % 1000, place }));
    const compare = (one: { key: number }, other: { key: number }): number => one.key - other.key;
    assert.deepEqual(await sortedInSlices(items, compare), items.toSorted(compare));
  }
});

test("work gives way once its slice of time is used up, and not before", async () => {
  const slices = new Slices();
  assert.equal(await slices.rest(), false);
  let hasGivenWay = false;
  setTimeout(() => {
    hasGivenWay = true;
  });
  while (!(await slices.rest())) assert.equal(hasGivenWay, false);
  assert.equal(hasGivenWay, true);
});

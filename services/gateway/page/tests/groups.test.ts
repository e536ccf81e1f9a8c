import assert from "node:assert/strict";
import { test } from "node:test";
import { groupLimits, groupsOf, HEADER_BYTES, type PlacedFile } from "../src/upload/groups.ts";

function placed(sizes: readonly number[], first = 0): PlacedFile[] {
  return sizes.map((size, place) => ({ position: first + place, size }));
}

test("a group ends at its most files, or before its most bytes with what stands around them", () => {
  const limits = { files: 3, bytes: 100 + 2 * HEADER_BYTES };
  const groups = [...groupsOf(placed([50, 50, 1, 1, 1, 1, 1]), limits)];
  assert.deepEqual(
    groups.map(({ position, files, bytes }) => [position, files.length, bytes]),
    [
      [0, 2, 100],
      [2, 2, 2],
      [4, 2, 2],
      [6, 1, 1],
    ],
  );
});

test("a file above the limit goes alone, and no file makes no group", () => {
  const limits = { files: 64, bytes: 10_000 };
  assert.deepEqual(
    [...groupsOf(placed([1, 1_000_000, 1]), limits)].map(({ position }) => position),
    [0, 1, 2],
  );
  assert.deepEqual([...groupsOf([], limits)], []);
});

test("files that are no neighbours go in groups of their own, so that the batch keeps the order", () => {
  const limits = { files: 64, bytes: 32_000_000 };
  const groups = [...groupsOf([...placed([1, 1], 3), ...placed([1], 9)], limits)];
  assert.deepEqual(
    groups.map(({ position, files }) => [position, files.length]),
    [
      [3, 2],
      [9, 1],
    ],
  );
});

test("a server that takes less is given less", () => {
  assert.deepEqual(groupLimits({ append_max_files: 500, append_max_bytes: 134_217_728 }), {
    files: 256,
    bytes: 32_000_000,
  });
  assert.deepEqual(groupLimits({ append_max_files: 10, append_max_bytes: 1_000_000 }), { files: 10, bytes: 1_000_000 });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { KnownChunks } from "../src/batch/course/known_chunks.ts";

function chunk(number: number, settled: boolean, generation = 0, completed = 0) {
  return { number, settled, generation, completed, failed: 0, worker: null };
}

test("reading goes on from page to page, then from the first chunk that has not settled", () => {
  const known = new KnownChunks();
  assert.equal(known.cursor, "");
  known.take([chunk(0, true), chunk(1, false)], "0-2");
  assert.equal(known.cursor, "0-2");
  assert.equal(known.isWhole, false);
  known.take([chunk(2, true)], null);
  assert.equal(known.cursor, "0-1");
  assert.equal(known.isWhole, true);
  known.take([chunk(1, true), chunk(2, true)], null);
  assert.equal(known.cursor, "0-3");
});

test("it stays where something goes on, and looks at later chunks when nothing does", () => {
  const known = new KnownChunks();
  known.take([chunk(0, false), chunk(1, false), chunk(2, false), chunk(3, false)], null);
  known.take([chunk(0, false), chunk(1, false, 0, 4)], "0-2");
  assert.equal(known.cursor, "0-0");
  known.take([chunk(0, false), chunk(1, false, 0, 4)], "0-2");
  assert.equal(known.cursor, "0-2");
  known.take([chunk(2, true), chunk(3, false)], null);
  assert.equal(known.cursor, "0-0");
});

test("what is read again replaces what was known, and all stand in their order", () => {
  const known = new KnownChunks<ReturnType<typeof chunk>>();
  known.take([chunk(2, false), chunk(0, false)], null);
  known.take([chunk(0, true), chunk(1, true), chunk(3, true, 1)], null);
  assert.deepEqual(
    known.all().map(({ number, settled }) => [number, settled]),
    [
      [0, true],
      [1, true],
      [2, false],
      [3, true],
    ],
  );
  assert.equal(known.cursor, "0-2");
});

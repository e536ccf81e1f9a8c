import assert from "node:assert/strict";
import { test } from "node:test";
import { barPaths } from "../src/batch/timeline/bar_paths.ts";
import { meanAndLongest, timelineOf, timesOf } from "../src/batch/timeline/lanes.ts";

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
const chunk = {
  worker: "one",
  settled: true,
  gave_up: false,
  attempts: 1,
  retries: 0,
  losses: 0,
  released_at: at(0),
  claimed_at: at(1),
  settled_at: at(3),
};
const begun = Date.UTC(2026, 0, 1);

test("each worker has a lane, in which chunks at the same time stand in rows of their own", () => {
  const timeline = timelineOf(
    [
      { ...chunk, worker: "two" },
      chunk,
      { ...chunk, claimed_at: at(2), settled_at: at(4) },
      { ...chunk, claimed_at: at(3), settled_at: at(5) },
    ],
    begun,
  );
  assert.deepEqual(
    timeline?.lanes.map(({ worker, rows, bars }) => [worker, rows, bars.map(({ row }) => row)]),
    [
      ["one", 2, [0, 1, 0]],
      ["two", 1, [0]],
    ],
  );
  assert.equal(timeline?.begin, begun);
  assert.equal(timeline?.end, begun + 5000);
});

test("what is still in work goes on to the present, and chunks that were begun again are told apart", () => {
  const chunks = [
    { ...chunk, settled: false, settled_at: null },
    { ...chunk, losses: 1 },
    { ...chunk, gave_up: true, retries: 2 },
  ];
  const bars = timelineOf(chunks, begun + 9000)?.lanes[0]?.bars ?? [];
  assert.deepEqual(
    bars.map(({ kind, end }) => [kind, end - begun]),
    [
      ["working", 9000],
      ["again", 3000],
      ["gaveUp", 3000],
    ],
  );
});

test("chunks without times, as those of earlier versions, are in no picture", () => {
  assert.equal(timelineOf([{ ...chunk, released_at: null, claimed_at: null, settled_at: null }], begun), null);
  assert.equal(timelineOf([], begun), null);
  assert.equal(timelineOf([{ ...chunk, settled_at: null }], begun), null);
});

test("waiting ends where working begins", () => {
  assert.deepEqual(timesOf(chunk), { waited: 1000, worked: 2000 });
  assert.deepEqual(timesOf({ ...chunk, claimed_at: null }), { waited: null, worked: null });
  assert.deepEqual(meanAndLongest([1000, null, 3000]), { mean: 2000, longest: 3000 });
  assert.equal(meanAndLongest([null]), null);
});

test("a few chunks are drawn one by one, of ten thousand only where there were some", () => {
  const few = timelineOf([chunk, { ...chunk, claimed_at: at(3), settled_at: at(5) }], begun);
  assert.equal(few && barPaths(few.lanes[0] ?? { worker: "", bars: [], rows: 0 }, few).worked.split("M").length, 3);
  const many = Array.from({ length: 10_000 }, (_, number) => ({
    ...chunk,
    claimed_at: at(number),
    settled_at: at(number + 1),
  }));
  const all = timelineOf(many, begun);
  const path = all ? barPaths(all.lanes[0] ?? { worker: "", bars: [], rows: 0 }, all).worked : "";
  assert.ok(path.length < 100, path.slice(0, 200));
});

test("a batch that ends in the second in which it began has a lane", () => {
  const quick = { ...chunk, released_at: at(0), claimed_at: at(0), settled_at: at(0) };
  const timeline = timelineOf([quick], begun);
  assert.equal(timeline && timeline.end - timeline.begin, 1000);
  assert.equal(timeline?.lanes.length, 1);
});

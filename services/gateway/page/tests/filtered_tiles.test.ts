import assert from "node:assert/strict";
import { test } from "node:test";
import { FilteredTiles } from "../src/batch/images/filtered_tiles.ts";
import type { TilePage } from "../src/batch/images/tile_pages.ts";

/** Filtered tiles of 100,000 images, whose requests are answered and whose timers are run by hand. */
function byHand() {
  const asked: number[] = [];
  const answers: ((page: TilePage | Error) => void)[] = [];
  const timers: (() => void)[] = [];
  const load = (first: number) => {
    asked.push(first);
    return new Promise<TilePage>((resolve, reject) => {
      answers.push((page) => (page instanceof Error ? reject(page) : resolve(page)));
    });
  };
  const after = (_milliseconds: number, act: () => void) => {
    timers.push(act);
    return () => timers.splice(0);
  };
  const tiles = new FilteredTiles({ load, after, changed: () => undefined }, 100_000);
  const answer = async (indexes: readonly number[] | Error, next: number | null = null) => {
    const images = indexes instanceof Error ? [] : indexes.map((index) => ({ index, name: "", state: "failed" }));
    answers.shift()?.(indexes instanceof Error ? indexes : { images, next });
    await new Promise((resolve) => setImmediate(resolve));
  };
  const shown = () => Array.from({ length: tiles.count }, (_, place) => tiles.tile(place)?.index);
  return { tiles, asked, answer, timers, shown };
}

test("images are looked through until those are found that fill the view", async () => {
  const { tiles, asked, answer, shown } = byHand();
  tiles.look(0, 0, 1);
  await answer([], 10_000);
  await answer([10_005, 10_007], 20_000);
  assert.deepEqual(asked, [0, 10_000]);
  assert.deepEqual(shown(), [10_005, 10_007]);
  assert.equal(tiles.isWhole, false);
  tiles.look(0, 2, 1);
  await answer([99_999]);
  assert.deepEqual(asked, [0, 10_000, 20_000]);
  assert.equal(tiles.isWhole, true);
});

test("when the number of such images changes, the view is read again, once a second", async () => {
  const { tiles, asked, answer, timers, shown } = byHand();
  tiles.look(0, 0, 2);
  await answer([5, 7]);
  tiles.look(0, 2, 3);
  await answer([5, 6, 7]);
  assert.deepEqual(shown(), [5, 6, 7]);
  tiles.look(0, 3, 4);
  assert.deepEqual(asked, [0, 0]);
  timers.shift()?.();
  await answer([6, 7, 8]);
  assert.deepEqual(asked, [0, 0, 0]);
  assert.deepEqual(shown(), [6, 7, 8]);
  tiles.look(0, 3, 4);
  assert.deepEqual(asked, [0, 0, 0]);
});

test("far down, what is before the view stays, and the view is read from its first image on", async () => {
  const { tiles, asked, answer, timers, shown } = byHand();
  tiles.look(0, 0, 1);
  await answer([1, 2, 3], 4);
  tiles.look(2, 3, 1);
  await answer([50, 60], null);
  tiles.look(3, 5, 2);
  assert.equal(asked.at(-1), 50);
  await answer([55, 60], null);
  assert.deepEqual(shown(), [1, 2, 3, 55, 60]);
  assert.equal(timers.length, 1);
});

test("a page that could not be loaded is asked for again, and not in a loop", async () => {
  const { tiles, asked, answer, timers } = byHand();
  tiles.look(0, 0, 1);
  await answer(new Error("away"));
  assert.deepEqual(asked, [0]);
  timers.shift()?.();
  assert.deepEqual(asked, [0, 0]);
});

test("nothing is loaded after it was stopped", async () => {
  const { tiles, asked, answer, timers } = byHand();
  tiles.look(0, 0, 1);
  tiles.stop();
  await answer([], 10_000);
  assert.deepEqual(asked, [0]);
  assert.deepEqual(timers, []);
});

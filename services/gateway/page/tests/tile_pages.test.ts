import assert from "node:assert/strict";
import { test } from "node:test";
import { type TilePage, TilePages } from "../src/batch/images/tile_pages.ts";

function pageFrom(first: number, state = "completed"): TilePage {
  const images = Array.from({ length: 200 }, (_, place) => ({ index: first + place, name: `${first + place}`, state }));
  return { images, next: null };
}

/** A reading whose requests are answered by hand, and whose timers are run by hand. */
function byHand() {
  const asked: number[] = [];
  const answers: ((page: TilePage | Error) => void)[] = [];
  const timers: (() => void)[] = [];
  const pages = new TilePages({
    load: (first) => {
      asked.push(first);
      return new Promise((resolve, reject) => {
        answers.push((page) => (page instanceof Error ? reject(page) : resolve(page)));
      });
    },
    after: (_milliseconds, act) => {
      timers.push(act);
      return () => undefined;
    },
    changed: () => undefined,
  });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const answer = async (page: TilePage | Error) => {
    answers.shift()?.(page);
    await settled();
  };
  return { pages, asked, answer, timers };
}

test("what is in view is loaded, one request at a time", async () => {
  const { pages, asked, answer } = byHand();
  pages.look(150, 450, 1);
  assert.deepEqual(asked, [0]);
  await answer(pageFrom(0));
  assert.deepEqual(asked, [0, 200]);
  assert.equal(pages.tile(150)?.name, "150");
  assert.equal(pages.tile(250), null);
});

test("what has left the view before its turn is not loaded", async () => {
  const { pages, asked, answer } = byHand();
  pages.look(0, 600, 1);
  pages.look(90_000, 90_010, 1);
  await answer(pageFrom(0));
  assert.deepEqual(asked, [0, 90_000]);
});

test("a page with pending images is read again when the batch has moved, and not before a second has passed", async () => {
  const { pages, asked, answer, timers } = byHand();
  pages.look(0, 10, 1);
  await answer(pageFrom(0, "pending"));
  pages.look(0, 10, 2);
  await answer(pageFrom(0, "pending"));
  pages.look(0, 10, 3);
  assert.equal(asked.length, 2);
  timers.shift()?.();
  assert.equal(asked.length, 3);
});

test("an image in a state that the page does not know may change, and is looked at again", async () => {
  const { pages, asked, answer } = byHand();
  pages.look(0, 10, 1);
  await answer(pageFrom(0, "resting"));
  pages.look(0, 10, 2);
  assert.equal(asked.length, 2);
});

test("of two moving pages in view each gets its turn", async () => {
  const { pages, asked, answer, timers } = byHand();
  pages.look(0, 400, 1);
  await answer(pageFrom(0, "pending"));
  await answer(pageFrom(200, "pending"));
  for (let version = 2; version < 6; version += 1) {
    pages.look(0, 400, version);
    await answer(pageFrom(asked.at(-1) ?? 0, "pending"));
    timers.shift()?.();
  }
  assert.deepEqual(asked.slice(0, 6), [0, 200, 0, 200, 0, 200]);
});

test("a page whose images have all ended is not read again", async () => {
  const { pages, asked, answer } = byHand();
  pages.look(0, 10, 1);
  await answer(pageFrom(0));
  pages.look(0, 10, 2);
  assert.deepEqual(asked, [0]);
});

test("a page that could not be loaded is tried again at the next look, and not in a loop", async () => {
  const { pages, asked, answer } = byHand();
  pages.look(0, 10, 1);
  await answer(new Error("away"));
  assert.deepEqual(asked, [0]);
  pages.look(0, 10, 1);
  assert.deepEqual(asked, [0, 0]);
});

test("no more than forty pages are kept", async () => {
  const { pages, answer } = byHand();
  for (let number = 0; number < 50; number += 1) {
    pages.look(number * 200, number * 200 + 10, 1);
    await answer(pageFrom(number * 200));
  }
  assert.equal(pages.tile(0), null);
  assert.equal(pages.tile(49 * 200)?.index, 49 * 200);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { PacedReading } from "../src/batch/course/paced_reading.ts";

/** A reading whose requests are answered by hand, and whose rests are ended by hand. */
function byHand() {
  const answers: ((rest: number | null | Error) => void)[] = [];
  const rests: { milliseconds: number; end: () => void }[] = [];
  const counted = { reads: 0 };
  const reading = new PacedReading({
    read: () => {
      counted.reads += 1;
      return new Promise((resolve, reject) => {
        answers.push((rest) => (rest instanceof Error ? reject(rest) : resolve(rest)));
      });
    },
    after: (milliseconds, end) => {
      rests.push({ milliseconds, end });
      return () => rests.splice(0);
    },
    restMilliseconds: 1000,
  });
  const answer = async (rest: number | null | Error) => {
    answers.shift()?.(rest);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { reading, counted, answer, rests };
}

test("of several versions that come during a reading and its rest, only the newest is read", async () => {
  const { reading, counted, answer, rests } = byHand();
  reading.look(1);
  reading.look(2);
  reading.look(3);
  assert.equal(counted.reads, 1);
  await answer(null);
  assert.equal(counted.reads, 1);
  assert.equal(rests[0]?.milliseconds, 1000);
  rests.shift()?.end();
  assert.equal(counted.reads, 2);
  await answer(null);
  rests.shift()?.end();
  assert.equal(counted.reads, 2);
});

test("what has more to read is read on after the rest that it asks for", async () => {
  const { reading, counted, answer, rests } = byHand();
  reading.look(1);
  await answer(250);
  assert.equal(rests[0]?.milliseconds, 250);
  rests.shift()?.end();
  assert.equal(counted.reads, 2);
});

test("a reading that fails is tried again, and not at once", async () => {
  const { reading, counted, answer, rests } = byHand();
  reading.look(1);
  await answer(new Error("away"));
  assert.equal(counted.reads, 1);
  assert.equal(rests[0]?.milliseconds, 5000);
  rests.shift()?.end();
  assert.equal(counted.reads, 2);
});

test("nothing is read after it was stopped, also not after a reading that was under way", async () => {
  const { reading, counted, answer, rests } = byHand();
  reading.look(1);
  reading.look(2);
  reading.stop();
  await answer(null);
  assert.deepEqual(rests, []);
  assert.equal(counted.reads, 1);
});

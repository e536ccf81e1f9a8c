import assert from "node:assert/strict";
import { test } from "node:test";
import { keptCauses } from "../src/batch/failures/kept_causes.ts";

function causes(counts: Record<string, number>): { code: string; images: number }[] {
  return Object.entries(counts).map(([code, images]) => ({ code, images }));
}

test("a cause that has gone stays in its place without images, and a new one stands behind the others", () => {
  const shown = causes({ unreadable: 5, timeout: 3 });
  const retried = keptCauses(shown, causes({ timeout: 3 }));
  assert.deepEqual(retried, causes({ unreadable: 0, timeout: 3 }));
  const ended = keptCauses(retried, causes({ crashed: 9, timeout: 3, unreadable: 1 }));
  assert.deepEqual(ended, causes({ unreadable: 1, timeout: 3, crashed: 9 }));
});

test("at first they stand as they come", () => {
  assert.deepEqual(keptCauses([], causes({ timeout: 3, unreadable: 1 })), causes({ timeout: 3, unreadable: 1 }));
});

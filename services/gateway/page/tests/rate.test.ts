import assert from "node:assert/strict";
import { test } from "node:test";
import { Rate } from "../src/upload/rate.ts";
import { retryAfterSeconds } from "../src/upload/retries.ts";

test("the rate is that of the last ten seconds, and unknown before there is something to tell", () => {
  const rate = new Rate();
  assert.equal(rate.bytesPerSecond, null);
  rate.note(0, 0);
  rate.note(50, 500);
  assert.equal(rate.bytesPerSecond, null);
  rate.note(2000, 2000);
  assert.equal(rate.bytesPerSecond, 1000);
  for (let second = 3; second <= 20; second += 1) rate.note(2000 + 10 * second, 1000 * second);
  assert.equal(rate.bytesPerSecond, 10);
  rate.reset();
  assert.equal(rate.bytesPerSecond, null);
});

test("a Retry-After in seconds is heeded, and one that is none is not", () => {
  assert.equal(retryAfterSeconds("5"), 5);
  assert.equal(retryAfterSeconds("Wed, 21 Oct 2026 07:28:00 GMT"), null);
  assert.equal(retryAfterSeconds(null), null);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { beginOf, failedShare, rangeOf } from "../src/system/ranges.ts";

test("the address names the range, and without one that there is it is the last hour", () => {
  assert.equal(rangeOf(new URLSearchParams("range=fortnight")), "fortnight");
  assert.equal(rangeOf(new URLSearchParams("range=toString")), "hour");
  assert.equal(rangeOf(new URLSearchParams()), "hour");
});

test("a range begins as long before its end as its name says, in UTC", () => {
  const end = Date.parse("2026-11-30T12:00:00Z");
  assert.equal(beginOf("hour", end), "2026-11-30T11:00:00.000Z");
  assert.equal(beginOf("day", end), "2026-11-29T12:00:00.000Z");
  assert.equal(beginOf("fortnight", end), "2026-11-16T12:00:00.000Z");
});

test("the share that failed is of all that ended, and there is none of nothing", () => {
  assert.equal(failedShare({ developed: 3, failed: 1 }), 0.25);
  assert.equal(failedShare({ developed: 0, failed: 2 }), 1);
  assert.equal(failedShare({ developed: 0, failed: 0 }), null);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { formats } from "../src/words/formats.ts";

test("a range is written in the unit of its upper end, and never narrower than it is", () => {
  const { range } = formats("en");
  assert.equal(range(190, 290), "3–5 min");
  assert.equal(range(12.4, 18.1), "12–19 sec");
  assert.equal(range(40, 100), "40–100 sec");
  assert.equal(range(3 * 3600, 30 * 3600), "3–30 hr");
  assert.equal(range(3 * 86_400, 4.5 * 86_400), "3–5 days");
  assert.equal(range(180, 180), "3 min");
  assert.equal(formats("ko").range(190, 290), "3~5분");
});

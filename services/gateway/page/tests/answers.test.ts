import assert from "node:assert/strict";
import { test } from "node:test";
import { asProblem, readProblem } from "../src/api/problem.ts";
import { momentOf, noteServerTime, serverNow } from "../src/api/server_clock.ts";

test("an error's sentence and code are the API's", () => {
  const body = { success: false, error: { code: "batch_not_found", message: "No such batch.", details: { id: 1 } } };
  const problem = readProblem(body, 404);
  assert.deepEqual([problem.code, problem.message, problem.details], ["batch_not_found", "No such batch.", { id: 1 }]);
});

test("an answer of a proxy without an envelope has its status for a code", () => {
  for (const body of [undefined, "<html>", null, { error: "no" }])
    assert.equal(readProblem(body, 502).code, "http_502");
});

test("no answer at all is one problem of its own", () => {
  assert.equal(asProblem(new TypeError("Failed to fetch")).code, "unreachable");
});

test("times without an offset are UTC", () => {
  assert.equal(momentOf("2025-01-15T10:30:00"), momentOf("2025-01-15T10:30:00Z"));
  assert.equal(momentOf("2025-01-15T19:30:00+09:00"), momentOf("2025-01-15T10:30:00Z"));
});

test("the server's clock counts, but for less than the header can say", () => {
  const now = Date.parse("2025-01-15T10:30:00Z");
  noteServerTime("Wed, 15 Jan 2025 10:29:59 GMT", now);
  assert.equal(serverNow(now), now);
  noteServerTime("Wed, 15 Jan 2025 10:31:00 GMT", now);
  assert.equal(serverNow(now), now + 60_000);
  noteServerTime("rubbish", now);
  assert.equal(serverNow(now), now + 60_000);
});

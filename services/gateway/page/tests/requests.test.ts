import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, readJson, sendingOf } from "../src/api/requests.ts";

test("a path is filled in, whatever is in its values", () => {
  const params = { path: { batch_id: "a/b?c", index: 0 } };
  assert.equal(
    addressOf("/pipeline/batch/{batch_id}/images/{index}", { params }),
    "/pipeline/batch/a%2Fb%3Fc/images/0",
  );
});

test("a query has a list as several values, and nothing of what is left open", () => {
  const params = { query: { status: ["FAILURE", "REVOKED"], q: "제주 1&2", cursor: undefined, limit: 0 } };
  const address = new URL(addressOf("/pipeline/batch", { params }), "http://x");
  assert.deepEqual(
    [...address.searchParams],
    [
      ["status", "FAILURE"],
      ["status", "REVOKED"],
      ["q", "제주 1&2"],
      ["limit", "0"],
    ],
  );
  assert.equal(addressOf("/pipeline/batch", {}), "/pipeline/batch");
});

test("a body is JSON unless it is a form, whose type the browser adds", () => {
  const json = sendingOf("POST", { body: { codes: ["timeout"] } }, "ko");
  assert.equal(json.body, '{"codes":["timeout"]}');
  assert.equal(json.headers.get("Content-Type"), "application/json");
  const form = sendingOf("POST", { body: {}, bodySerializer: () => new FormData() }, "ko");
  assert.equal(form.headers.get("Content-Type"), null);
  assert.equal(sendingOf("GET", {}, "ko").body, null);
});

test("each request says the page's language, and its own headers", () => {
  const { headers } = sendingOf("POST", { params: { header: { "idempotency-key": "k" } } }, "en");
  assert.equal(headers.get("Accept-Language"), "en");
  assert.equal(headers.get("Idempotency-Key"), "k");
});

test("what is no JSON is nothing", () => {
  assert.deepEqual(readJson('{"success": true}'), { success: true });
  assert.equal(readJson("<html>502</html>"), null);
});

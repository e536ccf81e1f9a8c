import assert from "node:assert/strict";
import { test } from "node:test";
import { changedQuery, matchAddress, withoutRoot } from "../src/routing/addresses.ts";

test("a pattern gives the parameters of an address that fits", () => {
  assert.deepEqual(matchAddress("/batches/:id/images/:n", "/batches/3f0f/images/4"), { id: "3f0f", n: "4" });
  assert.deepEqual(matchAddress("/", "/"), {});
  assert.deepEqual(matchAddress("/recipes/:name", "/recipes/%EC%A0%9C%EC%A3%BC"), { name: "제주" });
});

test("an address that does not fit gives nothing, nor does one that cannot be read", () => {
  for (const path of ["/batches", "/batches/3f0f/images", "/recipes/", "/recipes/%E0%A4%A", "//", ""]) {
    assert.equal(matchAddress("/recipes/:name", path), null, path);
  }
});

test("a query is changed by name, and empty values leave it", () => {
  assert.equal(changedQuery("?status=STARTED&q=jeju", { q: null }), "?status=STARTED");
  assert.equal(changedQuery("?status=STARTED", { status: "" }), "");
  assert.equal(changedQuery("", { q: "제주 & 서울" }), "?q=%EC%A0%9C%EC%A3%BC+%26+%EC%84%9C%EC%9A%B8");
});

test("the prefix of a proxy is no part of the page's addresses", () => {
  assert.equal(withoutRoot("/photos", "/photos/batches/3f0f"), "/batches/3f0f");
  assert.equal(withoutRoot("", "/batches/3f0f"), "/batches/3f0f");
  assert.equal(withoutRoot("/photos", "/photoshop"), "/photoshop");
});

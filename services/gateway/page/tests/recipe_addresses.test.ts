import assert from "node:assert/strict";
import { test } from "node:test";
import { copyName, copyOf, editorOf } from "../src/recipes/addresses.ts";

const NAME = /^[a-z0-9_-]{1,32}$/;

test("the image that is tried out goes along", () => {
  assert.equal(editorOf("shop"), "/recipes/shop");
  assert.equal(editorOf("shop", "batch=1&image=0"), "/recipes/shop?batch=1&image=0");
  assert.equal(copyOf("shop", "batch=1&image=0"), "/recipes/+?from=shop&batch=1&image=0");
});

test("a copy has a name that a recipe may have, and no other one's", () => {
  for (const name of ["web", "a".repeat(32)]) {
    assert.match(copyName(name), NAME);
    assert.notEqual(copyName(name), name);
  }
});

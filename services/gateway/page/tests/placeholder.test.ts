import assert from "node:assert/strict";
import { test } from "node:test";
import { backgroundOf } from "../src/batch/images/placeholder.ts";

test("until a print has come, its place has the mean colour of its BlurHash, or the print's largest colour", () => {
  assert.equal(backgroundOf({ placeholder: "LEHV6nWB2yk8pyo0adR*.7kCMdnj" }), "#979695");
  assert.equal(backgroundOf({ placeholder: "000000" }), "#000000");
  assert.equal(backgroundOf({ colour: "#8a5a2b" }), "#8a5a2b");
  assert.equal(backgroundOf({}), "");
});

test("a BlurHash that cannot be read gives no colour", () => {
  for (const hash of ["LE", "LE~~~~", "LEé€é€"]) assert.match(backgroundOf({ placeholder: hash }), /^(#[\da-f]{6})?$/);
  assert.equal(backgroundOf({ placeholder: "LE~~~~" }), "");
});

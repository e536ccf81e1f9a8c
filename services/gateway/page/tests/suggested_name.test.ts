import assert from "node:assert/strict";
import { test } from "node:test";
import { suggestedName } from "../src/upload/suggested_name.ts";

test("a folder gives its name to the batch", () => {
  const files = [
    { name: "a.jpg", path: "제주/a.jpg" },
    { name: "b.jpg", path: "제주/day 1/b.jpg" },
  ];
  assert.equal(suggestedName(files), "제주");
});

test("loose files are named after the first", () => {
  assert.equal(suggestedName([{ name: "IMG_1.tar.jpg", path: "IMG_1.tar.jpg" }, { name: "b.jpg" }]), "IMG_1.tar");
  assert.equal(
    suggestedName([
      { name: "a.jpg", path: "x/a.jpg" },
      { name: "b.jpg", path: "y/b.jpg" },
    ]),
    "a",
  );
  assert.equal(suggestedName([]), "");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { suggestionFor } from "../src/upload/suggested_name.ts";

test("a folder gives its name to the batch", () => {
  const files = [
    { name: "a.jpg", path: "제주/a.jpg" },
    { name: "b.jpg", path: "제주/day 1/b.jpg" },
  ];
  assert.deepEqual(suggestionFor(files), { first: "제주", others: 0 });
});

test("of several folders, and of loose files, it is said that there are others", () => {
  const folders = [
    { name: "a.jpg", path: "x/a.jpg" },
    { name: "b.jpg", path: "y/b.jpg" },
  ];
  assert.deepEqual(suggestionFor(folders), { first: "x", others: 1 });
  const loose = [{ name: "IMG_1.tar.jpg", path: "IMG_1.tar.jpg" }, { name: "b.jpg" }, { name: "c.jpg" }];
  assert.deepEqual(suggestionFor(loose), { first: "IMG_1.tar", others: 2 });
  const mixed = [{ name: "a.jpg" }, { name: "b.jpg", path: "y/b.jpg" }];
  assert.deepEqual(suggestionFor(mixed), { first: "a", others: 1 });
});

test("one file gives its own name", () => {
  assert.deepEqual(suggestionFor([{ name: "b.jpg" }]), { first: "b", others: 0 });
  assert.deepEqual(suggestionFor([]), { first: "", others: 0 });
});

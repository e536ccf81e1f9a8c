import assert from "node:assert/strict";
import { test } from "node:test";
import { suggestionFor } from "../src/upload/suggested_name.ts";

function loose(...names: string[]): { name: string; folder: string }[] {
  return names.map((name) => ({ name, folder: "" }));
}

test("a folder gives its name to the batch", () => {
  const files = [
    { name: "a.jpg", folder: "제주" },
    { name: "day 1/b.jpg", folder: "제주" },
  ];
  assert.deepEqual(suggestionFor(files), { first: "제주", others: 0 });
});

test("of several folders, and of loose files, it is said that there are others", () => {
  const folders = [
    { name: "a.jpg", folder: "x" },
    { name: "b.jpg", folder: "y" },
  ];
  assert.deepEqual(suggestionFor(folders), { first: "x", others: 1 });
  assert.deepEqual(suggestionFor(loose("IMG_1.tar.jpg", "b.jpg", "c.jpg")), { first: "IMG_1.tar", others: 2 });
  const mixed = [{ name: "day 1/b.jpg", folder: "제주" }, ...loose("c.jpg")];
  assert.deepEqual(suggestionFor(mixed), { first: "b", others: 1 });
});

test("one file gives its own name, also if that begins with its only dot", () => {
  assert.deepEqual(suggestionFor(loose("b.jpg")), { first: "b", others: 0 });
  assert.deepEqual(suggestionFor(loose(".60", "b.jpg")), { first: ".60", others: 1 });
  assert.deepEqual(suggestionFor([]), { first: "", others: 0 });
});

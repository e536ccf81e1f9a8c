import assert from "node:assert/strict";
import { test } from "node:test";
import { byPath, folderOf, nameInBatch } from "../src/upload/file_paths.ts";

test("a file is called by its path within the folder that was chosen", () => {
  assert.equal(nameInBatch({ name: "a.jpg", path: "제주/day 1/a.jpg" }), "day 1/a.jpg");
  assert.equal(nameInBatch({ name: "a.jpg", path: "제주/a.jpg" }), "a.jpg");
  assert.equal(nameInBatch({ name: "a.jpg", path: "a.jpg" }), "a.jpg");
  assert.equal(nameInBatch({ name: "a.jpg" }), "a.jpg");
});

test("the order is that of paths, however the files were found", () => {
  const files = ["f/b.jpg", "f/a.jpg", "f/a/z.jpg", "f/b.jpg"].map((path) => ({ path }));
  assert.deepEqual(
    files.sort(byPath).map(({ path }) => path),
    ["f/a.jpg", "f/a/z.jpg", "f/b.jpg", "f/b.jpg"],
  );
});

test("a file comes from the chosen folder, or from none", () => {
  assert.equal(folderOf({ name: "a.jpg", path: "제주/day 1/a.jpg" }), "제주");
  assert.equal(folderOf({ name: "a.jpg", path: "a.jpg" }), "");
  assert.equal(folderOf({ name: "a.jpg" }), "");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { duplicatesOf } from "../src/upload/duplicates.ts";

test("a copy in another folder is a duplicate, the first of them is not", () => {
  const files = ["a.jpg", "copy/a.jpg", "copy/b.jpg", "third/a.jpg"].map((name) => ({ name, size: 10 }));
  assert.deepEqual(
    duplicatesOf(files).map(({ name }) => name),
    ["copy/a.jpg", "third/a.jpg"],
  );
});

test("cameras use names again: a file of another size is another photograph", () => {
  const files = [10, 11, 12].map((size) => ({ name: `${size}/IMG_1.jpg`, size }));
  assert.deepEqual(duplicatesOf(files), []);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { duplicatesOf } from "../src/upload/duplicates.ts";

const file = (path: string, size = 10, lastModified = 1) => ({
  name: path.split("/").at(-1) ?? "",
  path,
  size,
  lastModified,
});

test("a copy in another folder is a duplicate, the first of them is not", () => {
  const files = [file("/trip/a.jpg"), file("/trip/copy/a.jpg"), file("/trip/copy/b.jpg"), file("/trip/third/a.jpg")];
  assert.deepEqual(
    duplicatesOf(files).map(({ path }) => path),
    ["/trip/copy/a.jpg", "/trip/third/a.jpg"],
  );
});

test("cameras use names again: another size or date is another photograph", () => {
  assert.deepEqual(duplicatesOf([file("/1/a.jpg"), file("/2/a.jpg", 11), file("/3/a.jpg", 10, 2)]), []);
});

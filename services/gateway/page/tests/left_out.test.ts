import assert from "node:assert/strict";
import { test } from "node:test";
import { sortOut } from "../src/upload/left_out.ts";

function file(path: string, size = 10): { name: string; path: string; size: number } {
  return { name: path.split("/").at(-1) ?? "", path, size };
}

test("what can be no image is left out, counted by kind with the most first", () => {
  const files = [
    file("jeju/a.jpg"),
    file("jeju/b.MOV"),
    file("jeju/c.mov"),
    file("jeju/.DS_Store"),
    file("jeju/Thumbs.db"),
    file("jeju/.trash/d.jpg"),
    file("jeju/e.jpg", 0),
    file("jeju/f.png", 101),
    file("jeju/without ending"),
    file("jeju/g.heic", 100),
  ];
  const { fit, leftOut } = sortOut(files, 100);
  assert.deepEqual(
    fit.map(({ name }) => name),
    ["a.jpg", "without ending", "g.heic"],
  );
  assert.deepEqual(
    leftOut.map(({ reason, ending, files }) => [reason, ending, files.length]),
    [
      ["hidden", "", 3],
      ["noImage", ".mov", 2],
      ["empty", "", 1],
      ["tooLarge", "", 1],
    ],
  );
});

test("loose files and none at all are sorted as well", () => {
  assert.equal(sortOut([{ name: "a.jpg", path: "a.jpg", size: 1 }], 10).fit.length, 1);
  assert.deepEqual(sortOut([], 10), { fit: [], leftOut: [] });
});

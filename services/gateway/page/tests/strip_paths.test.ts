import assert from "node:assert/strict";
import { test } from "node:test";
import { pathsOf } from "../src/batch/strip/strip_paths.ts";

const cell = { completed: 0, failed: 0, revoked: 0, working: 0, pending: 0 };

test("equal cells beside each other are one surface, waiting ones none", () => {
  const cells = [...Array(500).fill({ ...cell, completed: 100 }), ...Array(500).fill({ ...cell, pending: 100 })];
  const paths = pathsOf(cells, 1000);
  assert.equal(paths.completed, "M0 8H500V36H0Z");
  assert.deepEqual([paths.working, paths.revoked, paths.failed], ["", "", ""]);
});

test("one failure of a hundred thousand is seen, and reaches above all others", () => {
  const { failed } = pathsOf([{ ...cell, completed: 99, failed: 1 }], 2);
  assert.equal(failed, "M0 0H2V12H0Z");
});

test("states stand on each other as high as their parts", () => {
  const paths = pathsOf([{ ...cell, completed: 2, working: 1, pending: 1 }], 10);
  assert.equal(paths.completed, "M0 22H10V36H0Z");
  assert.equal(paths.working, "M0 15H10V22H0Z");
});

test("no cell at all is no surface", () => {
  assert.equal(pathsOf([], 1000).completed, "");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { droppedFiles, filesOf } from "../src/upload/found_files.ts";

/** An entry as a browser gives it: a folder of these entries, read two at a time, or a file. */
function entry(fullPath: string, within?: readonly object[]): object {
  const name = fullPath.split("/").at(-1) ?? "";
  if (!within) {
    const file = (resolve: (file: File) => void): void => resolve(new File(["12"], name));
    return { name, fullPath, isFile: true, isDirectory: false, file };
  }
  const createReader = () => {
    const left = [...within];
    return { readEntries: (resolve: (entries: object[]) => void) => setTimeout(() => resolve(left.splice(0, 2))) };
  };
  return { name, fullPath, isFile: false, isDirectory: true, createReader };
}

async function pathsOf(...entries: (object | null)[]): Promise<[string, number][]> {
  const items = entries.map((one) => ({ webkitGetAsEntry: () => one, getAsFile: () => new File(["1"], "loose.jpg") }));
  const found: [string, number][] = [];
  for await (const { path, size } of droppedFiles({ items } as never)) found.push([path, size]);
  return found;
}

test("folders are looked through to their ends, and files keep their paths", async () => {
  const days = ["1", "2", "3"].map((day) => entry(`/jeju/${day}`, [entry(`/jeju/${day}/a.jpg`)]));
  const folder = entry("/jeju", [entry("/jeju/b.jpg"), ...days, entry("/jeju/c.jpg")]);
  const expected = ["b.jpg", "1/a.jpg", "2/a.jpg", "3/a.jpg", "c.jpg"].map((path) => [`jeju/${path}`, 2]);
  assert.deepEqual((await pathsOf(folder)).sort(), expected.sort());
});

test("a file that cannot be read is an empty one, and what is no entry may still be a file", async () => {
  const broken = { ...entry("/gone.jpg"), file: (_: unknown, reject: (error: Error) => void) => reject(new Error()) };
  assert.deepEqual(await pathsOf(broken, null), [
    ["gone.jpg", 0],
    ["loose.jpg", 1],
  ]);
});

test("files of an input stand in the folder that was chosen, or alone", () => {
  const inFolder = Object.defineProperty(new File([""], "a.jpg"), "webkitRelativePath", { value: "jeju/1/a.jpg" });
  const alone = Object.defineProperty(new File([""], "b.jpg"), "webkitRelativePath", { value: "" });
  assert.deepEqual(
    [...filesOf([inFolder, alone])].map(({ path }) => path),
    ["jeju/1/a.jpg", "b.jpg"],
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { unreadableAmong } from "../src/upload/unreadable_files.ts";

/** A file that was removed after it was chosen. */
class RemovedFile extends Blob {
  override slice(): Blob {
    const piece = new Blob();
    piece.arrayBuffer = () => Promise.reject(new DOMException("gone", "NotFoundError"));
    return piece;
  }
}

test("files that were removed since they were chosen are found, empty ones are not among them", async () => {
  const removed = { open: async () => new RemovedFile() };
  const gone = { open: () => Promise.reject(new DOMException("gone", "NotFoundError")) };
  const others = [new Blob(["x"]), new Blob()].map((file) => ({ open: async () => file }));
  assert.deepEqual([...(await unreadableAmong([...others, removed, gone]))], [removed, gone]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { batchNameOf } from "../src/upload/batch_name.ts";

test("a name is composed, holds nothing that cannot be seen, and is no longer than a batch's name may be", () => {
  assert.equal(batchNameOf(`${"제주".normalize("NFD")}\u0007`), "제주");
  assert.equal([...batchNameOf("🏝".repeat(300))].length, 200);
});

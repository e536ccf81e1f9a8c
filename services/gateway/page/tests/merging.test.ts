import assert from "node:assert/strict";
import { test } from "node:test";
import { justEnded, merged } from "../src/list/merging.ts";

const ALL = { status: null, priority: null, name: "" };

function row(batch_id: string, created_at: string, version = 1, status: "STARTED" | "SUCCESS" = "STARTED") {
  return { batch_id, batch_name: `제주 ${batch_id}`, created_at, status, version, priority: "normal" as const };
}

test("a newer version takes a row's place, an older one does not", () => {
  const shown = [row("a", "2025-01-02", 5), row("b", "2025-01-01", 5)];
  const after = merged(shown, [row("a", "2025-01-02", 6), row("b", "2025-01-01", 4)], ALL, true);
  assert.deepEqual(
    after.map(({ version }) => version),
    [6, 5],
  );
});

test("a new batch stands above the older ones", () => {
  const after = merged([row("a", "2025-01-02")], [row("b", "2025-01-03")], ALL, false);
  assert.deepEqual(
    after.map(({ batch_id }) => batch_id),
    ["b", "a"],
  );
});

test("a batch of a page that is not loaded waits for that page", () => {
  const shown = [row("a", "2025-01-02")];
  assert.equal(merged(shown, [row("b", "2025-01-01")], ALL, false).length, 1);
  assert.equal(merged(shown, [row("b", "2025-01-01")], ALL, true).length, 2);
});

test("what the filter does not list is not shown, or no more", () => {
  const shown = [row("a", "2025-01-02")];
  assert.deepEqual(merged(shown, [row("a", "2025-01-02", 2, "SUCCESS")], { ...ALL, status: "STARTED" }, true), []);
  assert.deepEqual(merged(shown, [], { status: null, priority: null, name: "제주 b" }, true), []);
  assert.deepEqual(merged(shown, [], { ...ALL, priority: "high" }, true), []);
  assert.equal(merged(shown, [], { status: null, priority: null, name: "제주 A".normalize("NFD") }, true).length, 1);
});

test("a batch that was seen running is said to have ended, once", () => {
  const running = { ...row("a", "2025-01-02"), finished_at: null as string | null };
  const ended = { ...running, finished_at: "2025-01-03" };
  assert.deepEqual(justEnded([running], [ended]), [ended]);
  assert.deepEqual(justEnded([ended], [ended]), []);
  assert.deepEqual(justEnded([], [ended]), []);
});

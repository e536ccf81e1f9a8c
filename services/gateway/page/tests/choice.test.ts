import assert from "node:assert/strict";
import { test } from "node:test";
import { choiceOf, parametersOf } from "../src/batch/images/choice.ts";

test("an outcome that there is not is no condition, and a cause is one of failures", () => {
  assert.deepEqual(choiceOf(new URLSearchParams("outcome=nonsense")), { outcome: null, code: null });
  assert.deepEqual(choiceOf(new URLSearchParams("outcome=pending")), { outcome: "pending", code: null });
  assert.deepEqual(choiceOf(new URLSearchParams("code=timeout&outcome=completed")), {
    outcome: "failed",
    code: "timeout",
  });
});

test("the API is told only of conditions", () => {
  assert.deepEqual(parametersOf({ outcome: null, code: null }), {});
  assert.deepEqual(parametersOf({ outcome: "failed", code: "timeout" }), { outcome: "failed", code: "timeout" });
});

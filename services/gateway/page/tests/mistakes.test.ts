import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiProblem } from "../src/api/problem.ts";
import { mistakesAt, mistakesOf } from "../src/recipes/mistakes.ts";

const STEP = { properties: { width: {} } };

function refused(details: unknown, code = "recipe_invalid"): ApiProblem {
  return new ApiProblem(code, "레시피를 쓸 수 없습니다.", 422, details);
}

test("a mistake stands at its field, whose place has no kind of step in it", () => {
  const problem = refused([
    { loc: ["steps", 1, "resize", "width"], problem: "Input", sentence: "1 이상이어야 합니다." },
    { loc: ["outputs", 0, "jpeg", "fit", "height"], problem: "is missing" },
    { loc: ["metadata"], problem: "one of" },
  ]);
  assert.deepEqual(
    [...mistakesOf(problem)],
    [
      ["steps.1.width", "1 이상이어야 합니다."],
      ["outputs.0.fit.height", "is missing"],
      ["metadata", "one of"],
    ],
  );
});

test("a name that the address cannot have is a mistake of the name", () => {
  const problem = refused([{ field: "path.name", problem: "pattern" }], "invalid_request");
  assert.deepEqual([...mistakesOf(problem)], [["name", "pattern"]]);
});

test("whatever else was refused has no mistakes in the recipe", () => {
  assert.equal(mistakesOf(refused([{ loc: ["name"], problem: "x" }], "too_many_proofs")).size, 0);
  assert.equal(mistakesOf(refused(null)).size, 0);
  assert.equal(mistakesOf(refused("?")).size, 0);
});

test("a part shows what is wrong with it as a whole, and with fields that it does not have", () => {
  const mistakes = new Map([
    ["steps.1", "give either box or aspect."],
    ["steps.1.width", "at its field"],
    ["steps.1.unit", "there is no such field."],
    ["steps.10.unit", "of another"],
  ]);
  const shown = mistakesAt(mistakes, ["steps", 1], STEP);
  assert.deepEqual(shown, ["give either box or aspect.", "steps.1.unit: there is no such field."]);
});

test("the recipe as a whole shows what stands in no part of the form", () => {
  const mistakes = new Map([
    ["", "it cannot be read as JSON."],
    ["width", "at its field"],
    ["extra", "there is no such field."],
  ]);
  assert.deepEqual(mistakesAt(mistakes, [], STEP), ["it cannot be read as JSON.", "extra: there is no such field."]);
});

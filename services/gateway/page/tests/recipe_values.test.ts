import assert from "node:assert/strict";
import { test } from "node:test";
import { changed, moved, readFields, valueAt } from "../src/recipes/json.ts";
import { settledNumber, typedNumber } from "../src/recipes/typed_number.ts";

const RECIPE = { steps: [{ op: "auto_orient" }], outputs: [{ name: "web", fit: { width: 800, height: 600 } }] };

test("a value is changed at its place, and the recipe before stays as it is", () => {
  const after = changed(RECIPE, ["outputs", 0, "fit", "width"], 1600);
  assert.equal(valueAt(after, ["outputs", 0, "fit", "width"]), 1600);
  assert.equal(valueAt(after, ["outputs", 0, "fit", "height"]), 600);
  assert.equal(RECIPE.outputs[0]?.fit.width, 800);
});

test("objects come with their first value and go with their last", () => {
  const covered = changed(RECIPE, ["outputs", 0, "cover", "width"], 80);
  assert.deepEqual(valueAt(covered, ["outputs", 0, "cover"]), { width: 80 });
  assert.deepEqual(changed(covered, ["outputs", 0, "cover", "width"], undefined), RECIPE);
  assert.deepEqual(changed({ name: "x" }, ["name"], undefined), {});
});

test("a part is taken out of its list, and one beyond the end is added", () => {
  assert.deepEqual(valueAt(changed(RECIPE, ["steps", 0], undefined), ["steps"]), []);
  assert.deepEqual(valueAt(changed(RECIPE, ["steps", 1], "x"), ["steps", 1]), "x");
});

test("a part is moved among the others", () => {
  assert.deepEqual(moved(["a", "b", "c"], 2, 0), ["c", "a", "b"]);
  assert.deepEqual(moved(["a", "b", "c"], 0, 1), ["b", "a", "c"]);
  assert.deepEqual(moved(["a"], 3, 0), ["a"]);
});

test("what an object inherits is not a value of it", () => {
  assert.equal(valueAt({}, ["toString"]), undefined);
});

test("only an object is a recipe", () => {
  assert.deepEqual(readFields('{"name": "x"}'), { name: "x" });
  for (const text of ["", "{", "[]", "null", '"x"', "3"]) assert.equal(readFields(text), null, text);
});

test("a number may be typed digit by digit", () => {
  const typed = ["", "0", "0.", "0.0", "0.05", "-", "-3", "1e2", "abc"].map(typedNumber);
  assert.deepEqual(typed, [undefined, 0, "0.", "0.0", 0.05, "-", -3, "1e2", "abc"]);
});

test("a number that was typed is one, however it was written; anything else stays as it is", () => {
  assert.deepEqual([" 0.50", "1e2", "", " ", "abc"].map(settledNumber), [0.5, 100, undefined, undefined, "abc"]);
});

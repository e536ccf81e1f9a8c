import assert from "node:assert/strict";
import { test } from "node:test";
import { isolated } from "../src/words/isolated.ts";

test("a name turns nothing around it: its own marks of direction are gone, and it stands apart", () => {
  assert.equal(isolated("photo\u202egpj.exe\u2069\u202e"), "\u2068photogpj.exe\u2069");
});

test("a name is composed", () => {
  assert.equal(isolated("제주".normalize("NFD")), "\u2068제주\u2069");
});

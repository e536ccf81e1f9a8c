import assert from "node:assert/strict";
import { test } from "node:test";
import { chordOf, printed } from "../src/keys/chords.ts";

const PRESS = { key: "ㅓ", code: "KeyJ", shift: false, modified: false, composing: false, typing: false };

test("a key is named by its place on the keyboard", () => {
  assert.equal(chordOf(PRESS), "KeyJ");
  assert.equal(chordOf({ ...PRESS, code: "Slash", shift: true }), "Shift+Slash");
});

test("a sign is named by what it is, wherever a keyboard has it", () => {
  assert.equal(chordOf({ ...PRESS, key: "/", code: "Digit7", shift: true }), "Slash");
  assert.equal(chordOf({ ...PRESS, key: "?", code: "Minus", shift: true }), "Shift+Slash");
});

test("keys of an input method, of a field and of the browser are left alone", () => {
  for (const reason of ["modified", "composing", "typing"]) assert.equal(chordOf({ ...PRESS, [reason]: true }), null);
});

test("the help shows keys as they are printed", () => {
  assert.deepEqual(printed("KeyG KeyS"), ["g", "s"]);
  assert.deepEqual(printed("Shift+Slash"), ["?"]);
});

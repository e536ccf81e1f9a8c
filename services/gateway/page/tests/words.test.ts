import assert from "node:assert/strict";
import { test } from "node:test";
import { preferredLanguage } from "../src/preferences/language.ts";
import { en } from "../src/words/en.ts";
import { formats } from "../src/words/formats.ts";
import { ko } from "../src/words/ko.ts";

/** The places of all words, and the words themselves; functions are called with their parameters' numbers. */
function spoken(words: object, place = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, word] of Object.entries(words)) {
    const here = `${place}.${name}`;
    if (typeof word === "string") found.set(here, word);
    else if (typeof word === "function") found.set(here, word(..."123456789".slice(0, word.length)));
    else for (const [below, text] of spoken(word, here)) found.set(below, text);
  }
  return found;
}

test("both languages say everything, with all that is filled in", () => {
  const [korean, english] = [spoken(ko), spoken(en)];
  assert.deepEqual([...korean.keys()], [...english.keys()]);
  for (const [place, text] of english) {
    const said = korean.get(place) ?? "";
    assert.ok(text.trim() && said.trim(), place);
    assert.deepEqual(digits(said), digits(text), place);
  }
});

test("no Korean particle follows what is filled in, for it would have to change with the word", () => {
  for (const [place, text] of spoken(ko))
    assert.doesNotMatch(text, /[1-9](을|를|은|는|이|가|와|과|으로|로)(?![가-힣])/, place);
});

test("the browser's first language that the page speaks is taken, and Korean otherwise", () => {
  assert.equal(preferredLanguage(["fr-FR", "en-US", "ko"]), "en");
  assert.equal(preferredLanguage(["KO-kr"]), "ko");
  assert.equal(preferredLanguage(["fr"]), "ko");
});

test("sizes and times are written in the largest unit that fits", () => {
  const english = formats("en");
  assert.equal(english.bytes(5_100_000_000), "5.1 GB");
  assert.equal(english.bytes(999), "999 byte");
  assert.equal(english.duration(200), "3 min 20 sec");
  assert.equal(english.duration(0.4), "0 sec");
  assert.equal(english.duration(86_400), "1 day");
  assert.equal(formats("ko").duration(3600), "1시간");
  assert.equal(english.percent(99.99), "99.99 %");
});

function digits(text: string): string[] {
  return [...text.matchAll(/[1-9]/g)].map(String).sort();
}

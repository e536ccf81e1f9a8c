import assert from "node:assert/strict";
import { test } from "node:test";
import {
  brief,
  kindOf,
  partOf,
  resolved,
  type Schema,
  sliderOf,
  variantOf,
  variantsOf,
} from "../src/recipes/schema.ts";

const BOX: Schema = { properties: { width: { type: "integer" }, height: { type: "integer" } } };
const NAME: Schema = { type: "string", pattern: "^[a-z0-9_-]{1,32}$" };
const FIT: Schema = { anyOf: [{ $ref: "#/$defs/Box" }, { type: "null" }], default: null };
const SCHEMA = resolved({
  $defs: {
    Box: BOX,
    Jpeg: {
      properties: {
        name: NAME,
        fit: FIT,
        format: { const: "jpeg", default: "jpeg", type: "string" },
        quality: { type: "integer", default: 82, minimum: 1, maximum: 100 },
      },
      required: ["name"],
    },
    Png: { properties: { name: NAME, fit: FIT, format: { const: "png", default: "png", type: "string" } } },
    Readouts: { properties: { exif: { type: "boolean", default: false } } },
  },
  properties: {
    name: NAME,
    outputs: { items: { oneOf: [{ $ref: "#/$defs/Jpeg" }, { $ref: "#/$defs/Png" }] } },
    readouts: { $ref: "#/$defs/Readouts", default: { exif: false } },
  },
});
const OUTPUTS = SCHEMA.properties?.outputs ?? {};

test("references are followed, and what may be null is what it is otherwise", () => {
  const fit = variantsOf(OUTPUTS).get("jpeg")?.properties?.fit ?? {};
  assert.equal(kindOf(fit), "part");
  assert.equal(fit.default, null);
  assert.deepEqual(SCHEMA.properties?.readouts?.default, { exif: false });
});

test("a schema that holds itself has an end", () => {
  const endless = resolved({
    $defs: { Step: { properties: { next: { $ref: "#/$defs/Step" } } } },
    $ref: "#/$defs/Step",
  });
  assert.equal(kindOf(endless), "part");
});

test("each kind of value is known by its schema", () => {
  const kinds: readonly [Schema, string][] = [
    [{ enum: ["a"], type: "string" }, "choice"],
    [{ type: "boolean" }, "flag"],
    [{ type: "number" }, "number"],
    [{ type: "string", pattern: "^#[0-9a-fA-F]{6}$" }, "colour"],
    [{ type: "string", pattern: "^[A-Za-z0-9+/=]+$" }, "file"],
    [{ type: "string" }, "text"],
    [{ type: "array", items: { type: "string" } }, "json"],
    [OUTPUTS, "parts"],
  ];
  for (const [schema, kind] of kinds) assert.equal(kindOf(schema), kind);
});

test("a part is of the variant that it names, or of none", () => {
  assert.equal(variantOf(OUTPUTS, { format: "png" }), variantsOf(OUTPUTS).get("png"));
  assert.equal(variantOf(OUTPUTS, { format: "tiff" }), undefined);
  assert.equal(variantOf(OUTPUTS, null), undefined);
});

test("a new part has its kind, and a name where it has to have one", () => {
  const jpeg = variantsOf(OUTPUTS).get("jpeg") ?? {};
  assert.deepEqual(partOf(jpeg), { name: "jpeg", format: "jpeg" });
});

test("a part of another kind keeps what that kind has too", () => {
  const png = variantsOf(OUTPUTS).get("png") ?? {};
  const before = { name: "large", format: "jpeg", fit: { width: 800, height: 600 }, quality: 70 };
  assert.deepEqual(partOf(png, before), { name: "large", fit: { width: 800, height: 600 }, format: "png" });
});

test("what the API puts there anyway is left out, except what says which kind it is", () => {
  const recipe = {
    name: "shop",
    outputs: [{ name: "large", fit: null, format: "jpeg", quality: 82 }],
    readouts: { exif: false },
  };
  assert.deepEqual(brief(recipe, SCHEMA), { name: "shop", outputs: [{ name: "large", format: "jpeg" }] });
  assert.deepEqual(brief({ ...recipe, readouts: { exif: true } }, SCHEMA), {
    name: "shop",
    outputs: [{ name: "large", format: "jpeg" }],
    readouts: { exif: true },
  });
});

test("what no schema knows is kept as it is", () => {
  assert.deepEqual(brief({ future: [1, { a: null }] }, SCHEMA), { future: [1, { a: null }] });
});

test("a slider stands where its ends are known and not too far apart", () => {
  assert.deepEqual(sliderOf({ type: "integer", minimum: 1, maximum: 100 }), { min: 1, max: 100, step: 1 });
  assert.deepEqual(sliderOf({ type: "number", exclusiveMinimum: 0, maximum: 20 }), { min: 0.1, max: 20, step: 0.1 });
  assert.equal(sliderOf({ type: "integer", minimum: 1, maximum: 16_383 }), null);
  assert.equal(sliderOf({ type: "integer", minimum: 1 }), null);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { pagesOf } from "../src/upload/missing_pages.ts";

test("files that share name and size are asked about together, in whatever form their accents are", () => {
  const files = [
    { name: "é.jpg", size: 1 },
    ...Array.from({ length: 12_000 }, (_, place) => ({ name: `${place}.jpg`, size: place })),
    { name: "e\u0301.jpg", size: 1 },
  ];
  const pages = [...pagesOf(files)];
  assert.equal(pages.flat().length, 12_002);
  assert.ok(pages.every((page) => page.length <= 10_000));
  assert.equal(pages[0]?.filter(({ name }) => name.normalize("NFC") === "é.jpg").length, 2);
});

test("long names make small pages", () => {
  const files = Array.from({ length: 1000 }, (_, place) => ({ name: `${place}${"가".repeat(1000)}`, size: 1 }));
  const pages = [...pagesOf(files)];
  assert.ok(pages.length > 1);
  for (const page of pages) assert.ok(Buffer.byteLength(JSON.stringify(page)) < 4 * 1024 * 1024);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { drawnRows, layoutOf, moved, rowsOf, sectionAt } from "../src/batch/images/layout.ts";

test("a phone has three images beside each other, a desktop as many as fit", () => {
  assert.equal(layoutOf(328, "large").columns, 3);
  assert.equal(layoutOf(1120, "large").columns, 6);
  assert.equal(layoutOf(1120, "small").columns, 10);
});

test("cells and their gaps fill the width and never more", () => {
  for (const width of [320, 328, 775, 1120]) {
    const { columns, cellWidth } = layoutOf(width, "large");
    const used = columns * cellWidth + (columns - 1) * 8;
    assert.ok(used <= width && used > width - columns, `${width}: ${used}`);
  }
});

test("of 100,000 images only the rows around the window are drawn", () => {
  const layout = layoutOf(1120, "large");
  const rows = rowsOf(100_000, layout);
  const drawn = drawnRows(1_000_000, 800, rows, layout);
  assert.ok(drawn.end - drawn.first <= 10);
  assert.ok(drawn.first * layout.rowHeight <= 1_000_000);
  assert.ok(drawn.end * layout.rowHeight >= 1_000_800);
});

test("above and below the grid nothing is drawn that is not there", () => {
  const layout = layoutOf(1120, "large");
  assert.deepEqual(drawnRows(-5000, 800, 10, layout), { first: 0, end: 0 });
  assert.deepEqual(drawnRows(99_000, 800, 10, layout), { first: 10, end: 10 });
});

test("100,000 images are one section on a phone, a million are several", () => {
  const layout = layoutOf(328, "large");
  assert.deepEqual(sectionAt(99_999, 100_000, layout), { first: 0, end: 100_000 });
  const section = sectionAt(999_999, 1_000_000, layout);
  assert.equal(section.end, 1_000_000);
  assert.ok(section.first > 0);
  assert.ok(rowsOf(section.end - section.first, layout) * layout.rowHeight <= 10_000_000);
});

test("no image at all is an empty section", () => {
  assert.deepEqual(sectionAt(0, 0, layoutOf(328, "large")), { first: 0, end: 0 });
});

test("arrows, pages and ends lead to images that are there", () => {
  const layout = layoutOf(1120, "large");
  assert.equal(moved("ArrowDown", 0, 100, layout, 4), 6);
  assert.equal(moved("ArrowUp", 2, 100, layout, 4), 0);
  assert.equal(moved("PageDown", 0, 100, layout, 4), 24);
  assert.equal(moved("End", 5, 100, layout, 4), 99);
  assert.equal(moved("Home", 5, 100, layout, 4), 0);
  assert.equal(moved("Enter", 5, 100, layout, 4), null);
});

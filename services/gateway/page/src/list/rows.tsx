import { useEffect, useRef } from "preact/hooks";
import type { BatchStatus } from "../api/types.ts";
import { useShortcuts } from "../keys/keys.ts";
import { Button } from "../look/button.tsx";
import { root } from "../routing/location.ts";
import { words } from "../words/words.ts";
import { BatchRow } from "./batch_row.tsx";
import { isLoadingMore, loadMore, nextCursor } from "./batches.ts";
import { useRowWindow } from "./use_row_window.ts";

interface RowsProps {
  readonly batches: readonly BatchStatus[];
}

/** The batches as rows, of which only those in the window and some around it are in the document. */
export function Rows({ batches }: RowsProps) {
  if (batches.length === 0) return <NothingFound />;
  return (
    <>
      <DrawnRows batches={batches} />
      {nextCursor.value && <Older />}
    </>
  );
}

/** `j` and `k` go from one row to the next. */
function DrawnRows({ batches }: RowsProps) {
  const say = words.value.list;
  const list = useRef<HTMLUListElement>(null);
  useShortcuts([
    { keys: "KeyJ", label: say.keys.next, act: () => moveFocus(list.current, 1) },
    { keys: "KeyK", label: say.keys.previous, act: () => moveFocus(list.current, -1) },
    {
      keys: "KeyR",
      label: say.keys.retry,
      act: () => focusedRow(list.current)?.querySelector<HTMLElement>("[data-control=retry]")?.click(),
    },
  ]);
  const ids = batches.map(({ batch_id }) => batch_id);
  // As long as there are older ones that are not loaded, nobody knows how many there are.
  const all = nextCursor.value ? -1 : batches.length;
  return (
    <ul class="rows" ref={list}>
      {useRowWindow(list, ids).map((piece, position) => {
        if ("room" in piece) return <li key={position} aria-hidden="true" style={{ height: `${piece.room}px` }} />;
        const batch = batches[piece.row];
        return batch && <BatchRow key={batch.batch_id} batch={batch} number={piece.row + 1} all={all} />;
      })}
    </ul>
  );
}

function NothingFound() {
  const say = words.value.list;
  return (
    <p>
      {say.nothingFound} <a href={`${root}/`}>{say.showAll}</a>
    </p>
  );
}

/** Loads older batches as soon as it comes near the window. */
function Older() {
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const observer = new IntersectionObserver((seen) => seen.some((entry) => entry.isIntersecting) && void loadMore(), {
      rootMargin: "400px",
    });
    if (end.current) observer.observe(end.current);
    return () => observer.disconnect();
  }, []);
  return (
    <div class="older" ref={end}>
      <Button act={() => void loadMore()} busy={isLoadingMore.value}>
        {words.value.list.older}
      </Button>
    </div>
  );
}

function linkIn(row: Element | null): HTMLElement | null {
  return row?.querySelector<HTMLElement>("a") ?? null;
}

/** The row with the focus. */
function focusedRow(list: HTMLElement | null): Element | null {
  return list?.contains(document.activeElement) ? (document.activeElement?.closest("li") ?? null) : null;
}

function moveFocus(list: HTMLElement | null, step: 1 | -1): void {
  const row = focusedRow(list);
  const next = step === 1 ? row?.nextElementSibling : row?.previousElementSibling;
  // Beside a row that was scrolled out of sight there is none: then back to it.
  const link = linkIn(next ?? null) ?? linkIn(row) ?? list?.querySelector<HTMLElement>("[data-batch] a");
  link?.focus();
  link?.scrollIntoView({ block: "nearest" });
}

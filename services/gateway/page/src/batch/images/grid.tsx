import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { returns } from "../../api/connection.ts";
import type { BatchStatus } from "../../api/types.ts";
import { Pages } from "../../look/pages.tsx";
import { usePlaceInWindow } from "../../look/window_place.ts";
import { query } from "../../routing/location.ts";
import { words, written } from "../../words/words.ts";
import { Cell } from "./cell.tsx";
import type { Choice } from "./choice.ts";
import { type CellSize, drawnRows, type Layout, layoutOf, moved, type Range, rowsOf, sectionAt } from "./layout.ts";
import { useTiles } from "./use_tiles.ts";

interface GridProps {
  readonly batch: BatchStatus;
  readonly choice: Choice;
  readonly size: CellSize;
  /** The place to scroll to and focus; null to stay where one is. */
  readonly wanted: number | null;
}

/** The images in their order, of which only those in the window and some around it are in the document. */
export function Grid({ batch, choice, size, wanted }: GridProps) {
  const frame = useRef<HTMLDivElement>(null);
  const place = usePlaceInWindow(frame);
  const { tiles, changes, count, isWhole, version } = useTiles(batch, choice);
  const focused = useSignal(wanted ?? 0);
  const sectionIndex = useSignal(wanted ?? 0);
  const layout = layoutOf(place.width, size);
  const section = sectionAt(sectionIndex.value, count, layout);
  const rows = rowsOf(section.end - section.first, layout);
  const drawn = drawnRows(place.top, place.windowHeight, rows, layout);
  const first = section.first + drawn.first * layout.columns;
  const end = Math.min(section.first + drawn.end * layout.columns, section.end);
  // What did not come while the connection was lost is asked for again.
  useEffect(() => tiles.look(first, end, version), [tiles, first, end, version, returns.value]);

  const focusOn = useFocusOnceDrawn(frame);
  const goTo = (place: number): void => {
    focused.value = place;
    sectionIndex.value = place;
    const { first } = sectionAt(place, count, layout);
    scrollToRow(frame.current, Math.floor((place - first) / layout.columns), layout);
    focusOn(place);
  };
  const isMeasured = place.width > 0;
  // Who asks for the same image again may have scrolled away meanwhile: then the query is another, with the same text.
  useEffect(() => {
    if (wanted !== null && isMeasured) goTo(wanted);
  }, [wanted, query.value, isMeasured]);
  const pressed = (event: KeyboardEvent): void => {
    const inWindow = Math.max(1, Math.floor(place.windowHeight / layout.rowHeight));
    const position = moved(event.key, focused.value - section.first, section.end - section.first, layout, inWindow);
    if (position === null || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    goTo(section.first + position);
  };
  return (
    <>
      {count === 0 && isWhole && <p>{words.value.images.none}</p>}
      <Sections section={section} total={count} show={(place) => (sectionIndex.value = place)} />
      <div
        class="grid"
        ref={frame}
        hidden={count === 0}
        role="grid"
        aria-label={words.value.images.title}
        aria-rowcount={rows}
        aria-colcount={layout.columns}
        style={{ height: `${rows * layout.rowHeight}px` }}
        onKeyDown={pressed}
        data-changed={changes}
      >
        {numbers(drawn).map((row) => (
          <div
            key={row}
            class="grid-row"
            role="row"
            aria-rowindex={row + 1}
            style={{ transform: `translateY(${row * layout.rowHeight}px)`, height: `${layout.rowHeight}px` }}
          >
            {numbers(placesOf(row, section, layout)).map((place) => (
              <Cell
                key={place}
                batch={batch}
                place={place}
                tile={tiles.tile(place)}
                width={layout.cellWidth}
                isTabStop={place === clampTo(focused.value, first, end)}
                focused={() => (focused.value = place)}
              />
            ))}
          </div>
        ))}
      </div>
    </>
  );
}

/** The way from one part of very many images to the next; nothing where all stand in one grid. */
function Sections({ section, total, show }: { section: Range; total: number; show: (place: number) => void }) {
  const { first, end } = section;
  const { number } = written.value;
  return (
    <Pages
      text={words.value.images.part(number(first + 1), number(end), number(total))}
      earlier={first > 0 ? () => show(first - 1) : null}
      later={end < total ? () => show(end) : null}
    />
  );
}

/** Gives the focus to an image's cell as soon as it is in the document: after a long way it is not there yet. */
function useFocusOnceDrawn(frame: { readonly current: HTMLElement | null }): (place: number) => void {
  const awaited = useRef<number | null>(null);
  const focus = (): void => {
    const cell = awaited.current === null ? null : cellOf(frame.current, awaited.current);
    if (!cell) return;
    awaited.current = null;
    cell.focus({ preventScroll: true });
  };
  useEffect(focus);
  return (place) => {
    awaited.current = place;
    focus();
  };
}

function scrollToRow(frame: HTMLElement | null, row: number, layout: Layout): void {
  if (!frame) return;
  const top = frame.getBoundingClientRect().top + row * layout.rowHeight;
  const header = document.querySelector(".header")?.getBoundingClientRect().bottom ?? 0;
  if (top < header) scrollBy(0, top - header);
  else if (top + layout.rowHeight > innerHeight) scrollBy(0, top + layout.rowHeight - innerHeight);
}

function cellOf(frame: HTMLElement | null, place: number): HTMLElement | null {
  return frame?.querySelector(`[data-place="${place}"]`) ?? null;
}

function placesOf(row: number, section: Range, { columns }: Layout): Range {
  const first = section.first + row * columns;
  return { first, end: Math.min(first + columns, section.end) };
}

function numbers({ first, end }: Range): number[] {
  return Array.from({ length: Math.max(0, end - first) }, (_, place) => first + place);
}

function clampTo(value: number, first: number, end: number): number {
  return Math.min(Math.max(value, first), end - 1);
}

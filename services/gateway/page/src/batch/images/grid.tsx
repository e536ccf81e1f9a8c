import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { answered, api } from "../../api/client.ts";
import type { BatchStatus } from "../../api/types.ts";
import { Button } from "../../look/button.tsx";
import { words, written } from "../../words/words.ts";
import { Cell } from "./cell.tsx";
import { type CellSize, drawnRows, type Layout, layoutOf, moved, type Range, rowsOf, sectionAt } from "./layout.ts";
import { TILES_A_PAGE, TilePages } from "./tile_pages.ts";
import { usePlaceInWindow } from "./window_place.ts";

interface GridProps {
  readonly batch: BatchStatus;
  readonly size: CellSize;
  /** The image to scroll to and focus; null to stay where one is. */
  readonly wanted: number | null;
}

/** The images in their order, of which only those in the window and some around it are in the document. */
export function Grid({ batch, size, wanted }: GridProps) {
  const frame = useRef<HTMLDivElement>(null);
  const place = usePlaceInWindow(frame);
  const pages = useTilePages(batch.batch_id);
  const focused = useSignal(wanted ?? 0);
  const sectionIndex = useSignal(wanted ?? 0);
  const layout = layoutOf(place.width, size);
  const section = sectionAt(sectionIndex.value, batch.total_images, layout);
  const rows = rowsOf(section.end - section.first, layout);
  const drawn = drawnRows(place.top, place.windowHeight, rows, layout);
  const first = section.first + drawn.first * layout.columns;
  const end = Math.min(section.first + drawn.end * layout.columns, section.end);
  useEffect(() => pages.tiles.look(first, end, batch.version), [pages, first, end, batch.version]);

  const focusOn = useFocusOnceDrawn(frame);
  const goTo = (index: number): void => {
    focused.value = index;
    sectionIndex.value = index;
    scrollToRow(frame.current, Math.floor((index - section.first) / layout.columns), layout);
    focusOn(index);
  };
  const isMeasured = place.width > 0;
  useEffect(() => {
    if (wanted !== null && isMeasured) goTo(wanted);
  }, [wanted, isMeasured]);
  const pressed = (event: KeyboardEvent): void => {
    const inWindow = Math.max(1, Math.floor(place.windowHeight / layout.rowHeight));
    const position = moved(event.key, focused.value - section.first, section.end - section.first, layout, inWindow);
    if (position === null || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    goTo(section.first + position);
  };
  return (
    <>
      <Sections section={section} total={batch.total_images} show={(index) => (sectionIndex.value = index)} />
      <div
        class="grid"
        ref={frame}
        role="grid"
        aria-label={words.value.images.title}
        aria-rowcount={rows}
        aria-colcount={layout.columns}
        style={{ height: `${rows * layout.rowHeight}px` }}
        onKeyDown={pressed}
        data-changed={pages.changes.value}
      >
        {numbers(drawn).map((row) => (
          <div
            key={row}
            class="grid-row"
            role="row"
            aria-rowindex={row + 1}
            style={{ transform: `translateY(${row * layout.rowHeight}px)`, height: `${layout.rowHeight}px` }}
          >
            {numbers(indexesOf(row, section, layout)).map((index) => (
              <Cell
                key={index}
                batch={batch}
                index={index}
                tile={pages.tiles.tile(index)}
                output={pages.tiles.output(index)}
                width={layout.cellWidth}
                isTabStop={index === clampTo(focused.value, first, end)}
                focused={() => (focused.value = index)}
              />
            ))}
          </div>
        ))}
      </div>
    </>
  );
}

/** Buttons from one part of very many images to the next; nothing where all stand in one grid. */
function Sections({ section, total, show }: { section: Range; total: number; show: (index: number) => void }) {
  const say = words.value.images;
  const { number } = written.value;
  if (section.end - section.first >= total) return null;
  return (
    <p class="sections">
      {section.first > 0 && <Button act={() => show(section.first - 1)}>{say.previousPart}</Button>}
      <span>{say.part(number(section.first + 1), number(section.end), number(total))}</span>
      {section.end < total && <Button act={() => show(section.end)}>{say.nextPart}</Button>}
    </p>
  );
}

/** The batch's tiles; `changes` grows whenever some have come. */
function useTilePages(batchId: string) {
  const changes = useSignal(0);
  const tiles = useMemo(
    () =>
      new TilePages({
        load: async (first) => {
          const query = { cursor: String(first), limit: TILES_A_PAGE };
          const parameters = { params: { path: { batch_id: batchId }, query } };
          return (await answered(api.GET("/pipeline/batch/{batch_id}/tiles", parameters))).data;
        },
        after: (milliseconds, act) => {
          const timer = setTimeout(act, milliseconds);
          return () => clearTimeout(timer);
        },
        changed: () => {
          changes.value += 1;
        },
      }),
    [batchId],
  );
  useEffect(() => () => tiles.stop(), [tiles]);
  return { tiles, changes };
}

/** Gives the focus to an image's cell as soon as it is in the document: after a long way it is not there yet. */
function useFocusOnceDrawn(frame: { readonly current: HTMLElement | null }): (index: number) => void {
  const awaited = useRef<number | null>(null);
  const focus = (): void => {
    const cell = awaited.current === null ? null : cellOf(frame.current, awaited.current);
    if (!cell) return;
    awaited.current = null;
    cell.focus({ preventScroll: true });
  };
  useEffect(focus);
  return (index) => {
    awaited.current = index;
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

function cellOf(frame: HTMLElement | null, index: number): HTMLElement | null {
  return frame?.querySelector(`[data-index="${index}"]`) ?? null;
}

function indexesOf(row: number, section: Range, { columns }: Layout): Range {
  const first = section.first + row * columns;
  return { first, end: Math.min(first + columns, section.end) };
}

function numbers({ first, end }: Range): number[] {
  return Array.from({ length: Math.max(0, end - first) }, (_, place) => first + place);
}

function clampTo(value: number, first: number, end: number): number {
  return Math.min(Math.max(value, first), end - 1);
}

import { useSignal } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { BatchStatus } from "../../api/types.ts";
import { placeAt } from "../../charts/scale.ts";
import { changeQuery } from "../../routing/location.ts";
import { words, written } from "../../words/words.ts";
import type { Course } from "../course/use_course.ts";
import { type Cell, cellsOfChunks, cellsOfStates, imagesInCell, STATES } from "./cells.ts";
import { type DrawnState, HEIGHT, pathsOf } from "./strip_paths.ts";
import "./strip.css";

const DRAWN: readonly DrawnState[] = ["completed", "working", "revoked", "failed"];

interface StripProps {
  readonly batch: BatchStatus;
  readonly course: Course;
}

/** All images of the batch in their order as one band; a place in it leads to the images that it stands for. */
export function Strip({ batch, course }: StripProps) {
  const say = words.value.strip;
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const looked = useSignal(0);
  const size = imagesInCell(batch.total_images, width);
  const cells = useCells(batch, course, size);
  const paths = useMemo(() => pathsOf(cells, width), [cells, width]);
  const last = cells.length - 1;
  const place = Math.min(looked.value, last);
  const text = textOf(cells[place], place * size, Math.min((place + 1) * size, batch.total_images));
  const go = (): void => {
    const image = Math.min(looked.peek(), last) * size;
    changeQuery({ view: null, outcome: null, code: null, image: String(image) });
  };
  return (
    <section class="strip" aria-label={say.title}>
      <div
        class="strip-band"
        ref={frame}
        onPointerMove={(event) => {
          const { left } = event.currentTarget.getBoundingClientRect();
          looked.value = placeAt((event.clientX - left) / width, cells.length);
        }}
      >
        <svg width={width} height={HEIGHT} aria-hidden="true">
          <Patterns />
          {DRAWN.map((state) => (
            <path key={state} class={state} d={paths[state]} />
          ))}
          <path class="looked" d={`M${((place + 0.5) * width) / cells.length} 0V${HEIGHT}`} />
        </svg>
        <input
          type="range"
          min={0}
          max={last}
          value={place}
          aria-label={say.label}
          aria-valuetext={text}
          onInput={(event) => (looked.value = event.currentTarget.valueAsNumber)}
          onClick={go}
          onKeyDown={(event) => event.key === "Enter" && go()}
        />
      </div>
      <p class="strip-text soft">
        <span data-strip-text>{text}</span>
        <Legend />
      </p>
    </section>
  );
}

/** What the cells stand for, made anew only when something has changed. */
function useCells(batch: BatchStatus, course: Course, size: number): Cell[] {
  const [chunks, states, isWhole] = [course.chunks.value, course.states.value, course.isWhole.value];
  return useMemo(() => {
    if (states) return cellsOfStates(states, chunks, size);
    // What is not read yet is not left out.
    return cellsOfChunks(isWhole ? batch : { ...batch, finished_at: null }, chunks, size);
  }, [batch.total_images, batch.finished_at, chunks, states, isWhole, size]);
}

/** What a cell stands for: “Images 401–500: 98 completed, 2 failed”. */
function textOf(cell: Cell | undefined, first: number, end: number): string {
  const say = words.value.strip;
  const { number } = written.value;
  const counts = STATES.flatMap((state) => {
    const images = Math.round(cell?.[state] ?? 0);
    return images > 0 ? [say.count(number(images), words.value.images.states[state] ?? state)] : [];
  });
  return say.cell(number(first + 1), number(end), counts.join(", "));
}

/** What the surfaces are; each has a pattern of its own beside its colour. */
function Legend() {
  return (
    <span class="strip-legend">
      {STATES.map((state) => (
        <span key={state}>
          <svg width={14} height={14} aria-hidden="true">
            <path class={state} d="M0 0H14V14H0Z" />
          </svg>
          {words.value.images.states[state]}
        </span>
      ))}
    </span>
  );
}

function Patterns() {
  return (
    <defs>
      <pattern id="strip-working" width={6} height={6} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <path d="M0 0H3V6H0Z" />
      </pattern>
      <pattern id="strip-revoked" width={5} height={5} patternUnits="userSpaceOnUse">
        <path d="M0 0H2V2H0Z" />
      </pattern>
    </defs>
  );
}

/** The width of an element in CSS pixels, as it changes. */
function useWidth(element: { readonly current: HTMLElement | null }): number {
  const width = useSignal(0);
  // Before the browser draws, or what is drawn first would be drawn anew at once.
  useLayoutEffect(() => {
    const look = (): void => {
      width.value = element.current?.getBoundingClientRect().width ?? 0;
    };
    const observer = new ResizeObserver(look);
    if (element.current) observer.observe(element.current);
    look();
    return () => observer.disconnect();
  }, []);
  return width.value;
}

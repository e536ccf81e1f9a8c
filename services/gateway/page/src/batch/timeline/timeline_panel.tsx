import { useSignal } from "@preact/signals";
import type { BatchStatus } from "../../api/types.ts";
import { Button } from "../../look/button.tsx";
import { now } from "../../look/clock.ts";
import { Select } from "../../look/select.tsx";
import { changeQuery, query } from "../../routing/location.ts";
import { words, written } from "../../words/words.ts";
import type { Course } from "../course/use_course.ts";
import { ChunkTable } from "./chunk_table.tsx";
import { timelineOf } from "./lanes.ts";
import { Lanes } from "./lanes.tsx";
import { Sums } from "./sums.tsx";
import "./timeline.css";

interface TimelinePanelProps {
  readonly batch: BatchStatus;
  readonly course: Course;
}

/** Which worker had which chunks when, as a picture or as a table. */
export function TimelinePanel({ batch, course }: TimelinePanelProps) {
  const say = words.value.timeline;
  const asTable = useSignal(false);
  const generation = generationOf(query.value, batch);
  const chunks = course.chunks.value.filter((chunk) => chunk.generation === generation);
  const isOpen = chunks.some(({ settled }) => !settled);
  // Time goes on in the picture only where it goes on in the batch.
  const timeline = timelineOf(chunks, isOpen ? now.value : 0);
  if (chunks.length === 0 && !course.isWhole.value) return <div class="batch-skeleton" aria-hidden="true" />;
  return (
    <section class="timeline" aria-label={say.title}>
      <div class="images-bar">
        {batch.generation > 0 && <Generations batch={batch} shown={generation} />}
        <Button act={() => (asTable.value = !asTable.value)} control="table">
          {asTable.value ? say.asPicture : say.asTable}
        </Button>
      </div>
      <Sums chunks={chunks} />
      {asTable.value && <ChunkTable chunks={chunks} />}
      {!asTable.value && (timeline ? <Lanes timeline={timeline} /> : <p>{say.none}</p>)}
    </section>
  );
}

function Generations({ batch, shown }: { readonly batch: BatchStatus; readonly shown: number }) {
  const say = words.value.timeline;
  const nameOf = (generation: number): string =>
    generation === 0 ? say.first : words.value.batch.generation(written.value.number(generation));
  return (
    <Select
      aria-label={say.generation}
      value={String(shown)}
      options={Array.from({ length: batch.generation + 1 }, (_, number) => [String(number), nameOf(number)])}
      choose={(generation) => changeQuery({ generation })}
    />
  );
}

/** The generation that an address names; the present one if it names none that there is. */
function generationOf(asked: URLSearchParams, batch: BatchStatus): number {
  const text = asked.get("generation");
  const generation = text === null ? batch.generation : Number(text);
  return Number.isInteger(generation) && generation >= 0 ? Math.min(generation, batch.generation) : batch.generation;
}

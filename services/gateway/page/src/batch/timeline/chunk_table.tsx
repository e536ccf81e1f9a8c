import { useSignal } from "@preact/signals";
import { momentOf } from "../../api/server_clock.ts";
import type { ChunkStatus } from "../../api/types.ts";
import { now } from "../../look/clock.ts";
import { Pages } from "../../look/pages.tsx";
import { words, written } from "../../words/words.ts";
import { timesOf } from "./lanes.ts";
import { spanOf } from "./sums.tsx";
import "../../look/table.css";

const ROWS = 100;

/** What the picture shows, chunk by chunk, a hundred at a time. */
export function ChunkTable({ chunks }: { readonly chunks: readonly ChunkStatus[] }) {
  const say = words.value.timeline;
  const { number } = written.value;
  const chosen = useSignal(0);
  const first = chosen.value < chunks.length ? chosen.value : 0;
  const end = Math.min(first + ROWS, chunks.length);
  return (
    <>
      <Pages
        text={words.value.images.part(number(first + 1), number(end), number(chunks.length))}
        earlier={first > 0 ? () => (chosen.value = first - ROWS) : null}
        later={end < chunks.length ? () => (chosen.value = end) : null}
      />
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{say.chunk}</th>
            <th scope="col">{say.images}</th>
            <th scope="col" class="text">
              {say.worker}
            </th>
            <th scope="col">{say.released}</th>
            <th scope="col">{say.waited}</th>
            <th scope="col">{say.worked}</th>
            <th scope="col" class="text">
              {say.result}
            </th>
            <th scope="col">{say.attempts}</th>
          </tr>
        </thead>
        <tbody>
          {chunks.slice(first, end).map((chunk) => (
            <Row key={chunk.number} chunk={chunk} />
          ))}
        </tbody>
      </table>
    </>
  );
}

function Row({ chunk }: { readonly chunk: ChunkStatus }) {
  const { number, moment } = written.value;
  const { waited, worked } = timesOf(chunk);
  const say = words.value.timeline;
  return (
    <tr data-chunk={chunk.number}>
      <th scope="row">{number(chunk.number)}</th>
      <td data-head={say.images} data-figure="first_index">
        {number(chunk.first_index + 1)}–{number(chunk.last_index + 1)}
      </td>
      <td class="text" data-figure="worker">
        {chunk.worker}
      </td>
      <td data-head={say.released} data-figure="released_at">
        {chunk.released_at && moment(momentOf(chunk.released_at), now.peek())}
      </td>
      <td data-head={say.waited}>{waited !== null && spanOf(waited)}</td>
      <td data-head={say.worked}>{worked !== null && spanOf(worked)}</td>
      <td class="text">{resultOf(chunk)}</td>
      <td data-head={say.attempts} data-figure="attempts">
        {number(chunk.attempts)}
      </td>
    </tr>
  );
}

/** What has become of its images: “9 completed, 1 failed”. */
function resultOf(chunk: ChunkStatus): string {
  const { strip, images } = words.value;
  const counts = (["completed", "failed", "revoked"] as const).flatMap((state) =>
    chunk[state] > 0 ? [strip.count(written.value.number(chunk[state]), images.states[state] ?? state)] : [],
  );
  return counts.join(", ");
}

import { SPACE } from "../../charts/paths.ts";
import { now } from "../../look/clock.ts";
import { words, written } from "../../words/words.ts";
import { barPaths, ROW_HEIGHT } from "./bar_paths.ts";
import { KINDS, type Lane, type Timeline } from "./lanes.ts";
import { spanOf } from "./sums.tsx";

/** A lane for each worker, with a bar for the time of each chunk. */
export function Lanes({ timeline }: { readonly timeline: Timeline }) {
  const say = words.value.timeline;
  const { moment } = written.value;
  const { begin, end } = timeline;
  return (
    <div class="lanes">
      {timeline.lanes.map((lane) => (
        <Row key={lane.worker} lane={lane} timeline={timeline} />
      ))}
      <p class="lanes-axis soft">
        <span>{moment(begin, now.peek())}</span>
        <span>{spanOf(end - begin)}</span>
        <span>{moment(end, now.peek())}</span>
      </p>
      <p class="lanes-legend soft">
        {KINDS.map((kind) => (
          <span key={kind}>
            <svg width={14} height={14} aria-hidden="true">
              <path class={kind} d="M1 1H13V13H1Z" />
            </svg>
            {say.kinds[kind]}
          </span>
        ))}
      </p>
    </div>
  );
}

function Row({ lane, timeline }: { readonly lane: Lane; readonly timeline: Timeline }) {
  const height = lane.rows * ROW_HEIGHT;
  const paths = barPaths(lane, timeline);
  return (
    <figure class="lane" data-lane={lane.worker}>
      <figcaption>
        {lane.worker} <span class="soft">{words.value.timeline.chunks(written.value.number(lane.bars.length))}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${SPACE.width} ${height}`}
        preserveAspectRatio="none"
        style={{ height: `${Math.max(14, lane.rows * ROW_HEIGHT)}px` }}
        aria-hidden="true"
      >
        {KINDS.map((kind) => paths[kind] && <path key={kind} class={kind} d={paths[kind]} />)}
      </svg>
    </figure>
  );
}

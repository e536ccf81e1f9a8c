import { useMemo } from "preact/hooks";
import { momentOf } from "../api/server_clock.ts";
import type { BatchStatus } from "../api/types.ts";
import { ControlButtons } from "../controls/control_buttons.tsx";
import { stateOf } from "../controls/state.ts";
import { timeLeftOf } from "../controls/time_left.ts";
import { now } from "../look/clock.ts";
import { Figure } from "../look/figure.tsx";
import { Name } from "../look/name.tsx";
import { Progress } from "../look/progress.tsx";
import { root } from "../routing/location.ts";
import { isolated } from "../words/isolated.ts";
import { words, written } from "../words/words.ts";
import { take } from "./batches.ts";

interface BatchRowProps {
  readonly batch: BatchStatus;
  /** Its place in the list, from one, and how many there are; -1 if that is not known. */
  readonly number: number;
  readonly all: number;
}

/** One batch; drawn anew only if something of it is another. */
export function BatchRow(props: BatchRowProps) {
  return useMemo(() => <Drawn {...props} />, [props.batch, props.number, props.all]);
}

/** How far the batch has got, and what may be done with it. */
function Drawn({ batch, number: place, all }: BatchRowProps) {
  const say = words.value.list;
  const { number, percent } = written.value;
  const ended = batch.completed_images + batch.failed_images;
  const text = say.progress(number(ended), number(batch.total_images), number(batch.failed_images));
  return (
    <li class="row" data-batch={batch.batch_id} data-version={batch.version} aria-posinset={place} aria-setsize={all}>
      <a class="row-name" href={`${root}/batches/${batch.batch_id}`}>
        <Name text={batch.batch_name} />
      </a>
      <span class="row-state" data-figure="status">
        {stateOf(batch)}
      </span>
      <div class="row-bar">
        <Progress
          label={say.progressOf(isolated(batch.batch_name))}
          completed={batch.completed_images}
          failed={batch.failed_images}
          total={batch.total_images}
          text={text}
          held={batch.paused || batch.stop_reason !== null}
        />
      </div>
      <span class="row-share" data-figure="progress_percentage">
        {percent(batch.progress_percentage)}
      </span>
      <p class="row-figures soft">
        {/* What stays the same comes first, so that it does not move with what changes. */}
        <span data-figure="recipe">{batch.recipe}</span>
        {batch.priority !== "normal" && (
          <span data-figure="priority">{words.value.controls.priorities[batch.priority] ?? batch.priority}</span>
        )}
        <span>{say.uploaded(written.value.moment(momentOf(batch.created_at), now.peek()))}</span>
        <Counts batch={batch} />
        <TimeLeft batch={batch} />
      </p>
      <ControlButtons batch={batch} changed={take} deleted={() => take({ batch_id: batch.batch_id, deleted: true })} />
    </li>
  );
}

function Counts({ batch }: { readonly batch: BatchStatus }) {
  const say = words.value.list;
  const { number } = written.value;
  return (
    <>
      <span>
        <span data-figure="completed_images">{number(batch.completed_images)}</span> /{" "}
        <span data-figure="total_images">{number(batch.total_images)}</span>
      </span>
      {batch.failed_images > 0 && (
        <a class="has-failed" href={`${root}/batches/${batch.batch_id}?view=failures`}>
          ✗ <Figure field="failed_images" value={number(batch.failed_images)} sentence={say.failed} />
        </a>
      )}
    </>
  );
}

/** About how long it will take, or how long it took. */
function TimeLeft({ batch }: { readonly batch: BatchStatus }) {
  const say = words.value.list;
  const { duration } = written.value;
  if (batch.finished_at && batch.started_at) {
    const took = momentOf(batch.finished_at) - momentOf(batch.started_at);
    return <span>{say.took(duration(took / 1000))}</span>;
  }
  const { field, text, state } = timeLeftOf(batch);
  return (
    <>
      {text !== null && (
        <span>
          <Figure field={field} value={text} sentence={say.remaining} />
        </span>
      )}
      {state && <span data-figure="estimate_state">{state}</span>}
    </>
  );
}

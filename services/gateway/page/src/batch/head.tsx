import { momentOf } from "../api/server_clock.ts";
import type { BatchStatus } from "../api/types.ts";
import { ControlButtons } from "../controls/control_buttons.tsx";
import { PriorityChoice } from "../controls/priority_choice.tsx";
import { stateOf } from "../controls/state.ts";
import { timeLeftOf } from "../controls/time_left.ts";
import { useShortcuts } from "../keys/keys.ts";
import { now } from "../look/clock.ts";
import { Name } from "../look/name.tsx";
import { Progress } from "../look/progress.tsx";
import { navigate, root } from "../routing/location.ts";
import { isolated } from "../words/isolated.ts";
import { words, written } from "../words/words.ts";
import { take } from "./batch.ts";

/** The batch's name and state, how far it has got, and what may be done with it. */
export function Head({ batch }: { readonly batch: BatchStatus }) {
  const say = words.value.batch;
  const { number, percent } = written.value;
  const ended = batch.completed_images + batch.failed_images;
  useControlKeys();
  return (
    <header class="batch-head">
      <p class="soft">
        <a href={`${root}/`}>‹ {words.value.list.title}</a>
      </p>
      <div class="batch-title">
        <h1>
          <Name text={batch.batch_name} />
        </h1>
        <ControlButtons
          batch={batch}
          changed={take}
          deleted={() => take({ batch_id: batch.batch_id, deleted: true })}
        />
      </div>
      <p class="batch-state">
        <strong data-figure="status">{stateOf(batch)}</strong>
        {batch.stop_reason && <span>{say.stopped[batch.stop_reason] ?? batch.stop_reason}</span>}
        <span class="soft">
          {/* What comes with a retry comes last, so that nothing moves. */}
          {batch.recipe} · <PriorityChoice batch={batch} changed={take} />
          {batch.generation > 0 && ` · ${say.generation(number(batch.generation))}`}
        </span>
      </p>
      <Progress
        label={words.value.list.progressOf(isolated(batch.batch_name))}
        completed={batch.completed_images}
        failed={batch.failed_images}
        total={batch.total_images}
        text={words.value.list.progress(number(ended), number(batch.total_images), number(batch.failed_images))}
        held={batch.paused || batch.stop_reason !== null}
      />
      <dl class="figures">
        <Figure name="progress_percentage" label={say.progress} text={percent(batch.progress_percentage)} />
        <Figure name="completed_images" label={say.completed} text={number(batch.completed_images)} />
        <Figure name="total_images" label={say.total} text={number(batch.total_images)} />
        <Figure name="failed_images" label={say.failed} text={number(batch.failed_images)} kind="has-failed" />
        {batch.revoked_images > 0 && (
          <Figure name="revoked_images" label={say.revoked} text={number(batch.revoked_images)} />
        )}
        <Time batch={batch} />
      </dl>
      <Downloads batch={batch} />
    </header>
  );
}

interface FigureProps {
  /** The API's field. */
  readonly name: string;
  readonly label: string;
  readonly text: string;
  readonly kind?: string;
}

function Figure({ name, label, text, kind = "" }: FigureProps) {
  return (
    <div>
      <dt class="soft">{label}</dt>
      <dd class={text === "0" ? "" : kind} data-figure={name}>
        {text}
      </dd>
    </div>
  );
}

/** How long it has taken, and about how long it will take. */
function Time({ batch }: { readonly batch: BatchStatus }) {
  const say = words.value.batch;
  const { duration } = written.value;
  const left = timeLeftOf(batch);
  if (!batch.started_at) return <Figure name="started_at" label={say.elapsed} text="–" />;
  const end = batch.finished_at ? momentOf(batch.finished_at) : now.value;
  const elapsed = duration((end - momentOf(batch.started_at)) / 1000);
  return (
    <>
      <Figure name="started_at" label={batch.finished_at ? say.took : say.elapsed} text={elapsed} />
      {!batch.finished_at && (
        <Figure
          name={left.field}
          label={left.state ? `${say.remaining} · ${left.state}` : say.remaining}
          text={left.text === null ? "–" : say.about(left.text)}
        />
      )}
    </>
  );
}

/** The prints to take home, once all are there. */
function Downloads({ batch }: { readonly batch: BatchStatus }) {
  const say = words.value.batch;
  // Its place is kept until then, so that nothing moves when they are.
  if (!batch.finished_at || batch.completed_images === 0) return <p class="downloads" />;
  return (
    <p class="downloads">
      <a class="button main" href={batch.links.archive} download>
        ↓ {say.archive}
      </a>
      <a class="button" href={batch.links.contact_sheet} target="_blank" rel="noopener">
        {say.contactSheet}
      </a>
    </p>
  );
}

function useControlKeys(): void {
  const say = words.value.batch.keys;
  const press = (...controls: string[]): void => {
    const choice = controls.map((control) => `.batch-head [data-control=${control}]`).join();
    document.querySelector<HTMLElement>(choice)?.click();
  };
  useShortcuts([
    { keys: "KeyP", label: say.pause, act: () => press("pause", "resume") },
    { keys: "KeyR", label: say.retry, act: () => press("retry") },
    { keys: "KeyU", label: say.list, act: () => navigate("/") },
  ]);
}

import { useEffect } from "preact/hooks";
import type { BatchChange } from "../api/events.ts";
import { mayPass } from "../api/problem.ts";
import type { BatchStatus } from "../api/types.ts";
import { usePageTitle } from "../frame/page_title.ts";
import { announce } from "../look/announcements.tsx";
import { Problem } from "../look/problem.tsx";
import { query, root } from "../routing/location.ts";
import type { ViewProps } from "../routing/view.ts";
import { isolated } from "../words/isolated.ts";
import { words } from "../words/words.ts";
import { announcementOf } from "./announcing.ts";
import { isGone, problem, refresh, show, status, take } from "./batch.ts";
import { type Course, useCourse } from "./course/use_course.ts";
import { FailuresPanel } from "./failures/failures_panel.tsx";
import { Head } from "./head.tsx";
import { ImagesPanel } from "./images/images_panel.tsx";
import { LiveAfterItsEnd, LiveUntilItsEnd } from "./live.tsx";
import { Strip } from "./strip/strip.tsx";
import { Tabs, tabOf } from "./tabs.tsx";
import { TimelinePanel } from "./timeline/timeline_panel.tsx";
import "./batch.css";

/** One batch, live: how far it has got, what may be done with it, and its images. */
export function BatchView({ parameters }: ViewProps) {
  const id = parameters.id ?? "";
  const shown = status.value?.batch_id === id ? status.value : null;
  usePageTitle(shown ? isolated(shown.batch_name) : words.value.batch.title);
  useEffect(() => void show(id), [id]);
  if (isGone.value) return <Gone />;
  if (!shown) return <NotYet id={id} />;
  return (
    <article class="batch" data-batch={shown.batch_id} data-version={shown.version}>
      <Live batch={shown} />
      <Head batch={shown} />
      <Images key={id} batch={shown} />
    </article>
  );
}

/** Until the batch is known: a server that is away is followed, and shows it when it is back. */
function NotYet({ id }: { readonly id: string }) {
  if (!problem.value) return <Skeleton />;
  return (
    <>
      {mayPass(problem.value) && <LiveUntilItsEnd batchId={id} changed={take} ask={() => refresh(id)} />}
      <Problem problem={problem.value} again={() => void show(id)} />
    </>
  );
}

/** What becomes of the batch's images: all of them in a strip, and more closely in the chosen tab. */
function Images({ batch }: { readonly batch: BatchStatus }) {
  const course = useCourse(batch);
  return (
    <>
      <Strip batch={batch} course={course} />
      <Tabs batch={batch} />
      <Panel batch={batch} course={course} />
    </>
  );
}

/** Keeps the batch up to date; another generation of it is another stream. */
function Live({ batch }: { readonly batch: BatchStatus }) {
  const id = batch.batch_id;
  const changed = (change: BatchChange): void => {
    const sentence = "deleted" in change ? null : announcementOf(status.peek(), change, words.peek().batch.heard);
    take(change);
    if (sentence) announce(sentence);
  };
  const Stream = batch.finished_at ? LiveAfterItsEnd : LiveUntilItsEnd;
  return <Stream key={batch.generation} batchId={id} changed={changed} ask={() => refresh(id)} />;
}

function Panel({ batch, course }: { readonly batch: BatchStatus; readonly course: Course }) {
  const tab = tabOf(query.value);
  return (
    <div id="panel" role="tabpanel" aria-label={words.value.batch.tabs[tab]}>
      {tab === "failures" && <FailuresPanel batch={batch} />}
      {tab === "timeline" && <TimelinePanel batch={batch} course={course} />}
      {tab === "images" && <ImagesPanel key={`${batch.batch_id} ${batch.generation}`} batch={batch} />}
    </div>
  );
}

function Gone() {
  const say = words.value.batch;
  return (
    <section>
      <h1>{say.gone}</h1>
      <p>
        <a href={`${root}/`}>{words.value.frame.toBatches}</a>
      </p>
    </section>
  );
}

function Skeleton() {
  return <div class="batch-skeleton" aria-hidden="true" />;
}

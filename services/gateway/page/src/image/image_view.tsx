import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { answered, api } from "../api/client.ts";
import { returns } from "../api/connection.ts";
import { isFinal } from "../api/outcomes.ts";
import { type ApiProblem, asProblem, mayPass } from "../api/problem.ts";
import type { ImageDetail } from "../api/types.ts";
import { LiveAfterItsEnd, LiveUntilItsEnd } from "../batch/live.tsx";
import { usePageTitle } from "../frame/page_title.ts";
import { useShortcuts } from "../keys/keys.ts";
import { Name } from "../look/name.tsx";
import { Problem } from "../look/problem.tsx";
import { asOptions, Select } from "../look/select.tsx";
import { changeQuery, navigate, query, root } from "../routing/location.ts";
import type { ViewProps } from "../routing/view.ts";
import { isolated } from "../words/isolated.ts";
import { words, written } from "../words/words.ts";
import { Comparison } from "./comparison.tsx";
import { Facts } from "./facts.tsx";
import { Outcome } from "./outcome.tsx";
import { StageTimes } from "./stage_times.tsx";
import "./image.css";

/** One image: before and after, how it was developed, and what was read from it. */
export function ImageView({ parameters }: ViewProps) {
  const batchId = parameters.id ?? "";
  const { image, problem, load } = useImage(batchId, parameters.index ?? "");
  const say = words.value.image;
  const shown = image.value;
  usePageTitle(shown ? isolated(shown.name) : say.title);
  useNeighbours(batchId, shown);
  if (problem.value) {
    return (
      <>
        {mayPass(problem.value) && <Live batchId={batchId} image={null} moved={load} />}
        <Problem problem={problem.value} again={load} />
      </>
    );
  }
  if (!shown) return <div class="batch-skeleton" aria-hidden="true" />;
  return (
    <article class="image" data-image={shown.index}>
      <Live batchId={batchId} image={shown} moved={load} />
      <Heading batchId={batchId} image={shown} />
      <Outcome image={shown} />
      <p>
        <a class="button" href={`${root}/recipes?batch=${batchId}&image=${shown.index}`}>
          {say.tryRecipes}
        </a>
      </p>
      <Pictures batchId={batchId} image={shown} />
      <StageTimes image={shown} />
      <Facts image={shown} />
    </article>
  );
}

function useImage(batchId: string, index: string) {
  const image = useSignal<ImageDetail | null>(null);
  const problem = useSignal<ApiProblem | null>(null);
  const load = (): void => {
    const path = { batch_id: batchId, index: Number(index) };
    answered(api.GET("/pipeline/batch/{batch_id}/images/{index}", { params: { path } }))
      .then(({ data }) => {
        image.value = data;
        problem.value = null;
      })
      .catch((thrown: unknown) => {
        problem.value = asProblem(thrown);
      });
  };
  useEffect(load, [batchId, index, words.value, returns.value]);
  return { image, problem, load };
}

interface LiveProps {
  readonly batchId: string;
  readonly image: ImageDetail | null;
  /** The image may be another now. */
  readonly moved: () => void;
}

/** Looks again whenever the batch moves: it may be retried or deleted, here or elsewhere, after the image has ended. */
function Live({ batchId, image, moved }: LiveProps) {
  const isToCome = image !== null && !isFinal(image.outcome);
  const Stream = isToCome ? LiveUntilItsEnd : LiveAfterItsEnd;
  return <Stream batchId={batchId} changed={moved} ask={async () => moved()} />;
}

function Heading({ batchId, image }: { readonly batchId: string; readonly image: ImageDetail }) {
  const say = words.value.image;
  return (
    <header class="image-head">
      <p class="soft">
        <a href={`${root}/batches/${batchId}?image=${image.index}`}>‹ {words.value.batch.title}</a>
      </p>
      <div class="batch-title">
        <h1>
          <Name text={image.name} />
        </h1>
        <nav aria-label={say.neighbours} class="controls">
          <Neighbour batchId={batchId} index={image.previous} text={`‹ ${say.previous}`} />
          <span class="soft">{say.number(written.value.number(image.index + 1))}</span>
          <Neighbour batchId={batchId} index={image.next} text={`${say.next} ›`} />
        </nav>
      </div>
    </header>
  );
}

function Neighbour({ batchId, index, text }: { batchId: string; index: number | null; text: string }) {
  if (index === null) return null;
  return (
    <a class="button" href={`${root}${addressOf(batchId, index)}`}>
      {text}
    </a>
  );
}

/** The chosen print beside the original, and what can be taken home. */
function Pictures({ batchId, image }: { readonly batchId: string; readonly image: ImageDetail }) {
  const say = words.value.image;
  const { bytes } = written.value;
  const print = image.prints.find(({ output }) => output === query.value.get("output")) ?? image.prints[0];
  const original = `${root}/pipeline/batch/${batchId}/images/${image.index}/original`;
  if (!print) return null;
  return (
    <section class="pictures" aria-label={say.pictures}>
      <p class="controls">
        <label>
          {say.output}{" "}
          <Select
            value={print.output}
            options={asOptions(image.prints.map(({ output }) => output))}
            choose={(output) => changeQuery({ output })}
          />
        </label>
        <span data-figure="prints.size_bytes">
          {print.width} × {print.height} · {bytes(print.size_bytes)}
        </span>
        <span class="soft">{say.was(bytes(image.size_bytes))}</span>
        <a class="button" href={print.url} download>
          ↓ {say.print}
        </a>
        <a class="button" href={original} download>
          ↓ {say.original}
        </a>
      </p>
      <Comparison print={print} original={original} name={isolated(image.name)} />
    </section>
  );
}

function useNeighbours(batchId: string, image: ImageDetail | null): void {
  const say = words.value.image.keys;
  const go = (index: number | null | undefined): void => {
    if (index !== null && index !== undefined) navigate(addressOf(batchId, index));
  };
  useShortcuts([
    { keys: "BracketLeft", label: say.previous, act: () => go(image?.previous) },
    { keys: "BracketRight", label: say.next, act: () => go(image?.next) },
    { keys: "KeyU", label: say.batch, act: () => navigate(`/batches/${batchId}?image=${image?.index ?? 0}`) },
  ]);
}

/** The page of an image; the chosen output stays chosen. */
function addressOf(batchId: string, index: number): string {
  const output = query.peek().get("output");
  return `/batches/${batchId}/images/${index}${output ? `?output=${encodeURIComponent(output)}` : ""}`;
}

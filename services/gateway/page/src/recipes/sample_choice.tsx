import { useSignal } from "@preact/signals";
import type { ComponentChildren, TargetedEvent } from "preact";
import { useRef } from "preact/hooks";
import { answered, api } from "../api/client.ts";
import { type ApiProblem, asProblem } from "../api/problem.ts";
import { Button } from "../look/button.tsx";
import { Problem } from "../look/problem.tsx";
import { changeQuery } from "../routing/location.ts";
import { droppedFiles, type FoundFile } from "../upload/found_files.ts";
import { words } from "../words/words.ts";
import { chooseSample, type Sample } from "./sample.ts";

interface SampleChoiceProps {
  readonly sample: Sample | null;
  readonly children: ComponentChildren;
}

/** Takes the image for proofs: dropped here, chosen, or the first of the newest batch. */
export function SampleChoice({ sample, children }: SampleChoiceProps) {
  const say = words.value.recipes.proof;
  const input = useRef<HTMLInputElement>(null);
  const newest = useNewestImage();
  return (
    <section class={sample ? "sample" : "sample empty"} aria-label={say.title} onDrop={takeDrop}>
      <h2>{say.title}</h2>
      {!sample && <p>{say.invitation}</p>}
      <p class="controls">
        <Button kind={sample ? "plain" : "main"} act={() => input.current?.click()} control="choose">
          {say.choose}
        </Button>
        <Button act={newest.use} control="newest">
          {say.newest}
        </Button>
      </p>
      <input ref={input} type="file" hidden data-choose="sample" onChange={takeChoice} />
      {newest.isNone.value && <p role="status">{say.noBatch}</p>}
      {newest.problem.value && <Problem problem={newest.problem.value} />}
      {children}
    </section>
  );
}

function takeDrop(event: DragEvent): void {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  // What is dropped elsewhere on the page makes a new batch.
  event.stopPropagation();
  document.documentElement.toggleAttribute("data-dragging", false);
  void chooseFirst(droppedFiles(event.dataTransfer));
}

/** A folder's first file stands for it. */
async function chooseFirst(files: AsyncIterable<FoundFile>): Promise<void> {
  for await (const { file } of files) return chooseSample(file);
}

function takeChoice({ currentTarget }: TargetedEvent<HTMLInputElement>): void {
  const file = currentTarget.files?.[0];
  if (file) chooseSample(file);
  // The same choice again is a change again.
  currentTarget.value = "";
}

function useNewestImage() {
  const problem = useSignal<ApiProblem | null>(null);
  const isNone = useSignal(false);
  const use = async (): Promise<void> => {
    problem.value = null;
    try {
      const { data } = await answered(api.GET("/pipeline/batch", { params: { query: { limit: 1 } } }));
      isNone.value = data.length === 0;
      if (data[0]) changeQuery({ batch: data[0].batch_id, image: "0" });
    } catch (thrown) {
      problem.value = asProblem(thrown);
    }
  };
  return { problem, isNone, use: () => void use() };
}

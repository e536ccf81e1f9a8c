import type { ComponentChildren, TargetedEvent } from "preact";
import { useRef } from "preact/hooks";
import { Button } from "../look/button.tsx";
import { droppedFiles, type FoundFile } from "../upload/found_files.ts";
import { words } from "../words/words.ts";
import { BatchImageChoice } from "./batch_image_choice.tsx";
import { chooseSample, type Sample } from "./sample.ts";

interface SampleChoiceProps {
  readonly sample: Sample | null;
  readonly children: ComponentChildren;
}

/** Takes the image for proofs: dropped here, or chosen. */
export function SampleChoice({ sample, children }: SampleChoiceProps) {
  const say = words.value.recipes.proof;
  const input = useRef<HTMLInputElement>(null);
  return (
    <section class={sample ? "sample" : "sample empty"} aria-label={say.title} onDrop={takeDrop}>
      <h2>{say.title}</h2>
      {!sample && <p>{say.invitation}</p>}
      <div class="controls">
        <Button kind={sample ? "plain" : "main"} act={() => input.current?.click()} control="choose">
          {say.choose}
        </Button>
        <BatchImageChoice sample={sample} />
      </div>
      <input ref={input} type="file" hidden data-choose="sample" onChange={takeChoice} />
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
  for await (const { open } of files) return chooseSample(await open());
}

function takeChoice({ currentTarget }: TargetedEvent<HTMLInputElement>): void {
  const file = currentTarget.files?.[0];
  if (file) chooseSample(file);
  // The same choice again is a change again.
  currentTarget.value = "";
}

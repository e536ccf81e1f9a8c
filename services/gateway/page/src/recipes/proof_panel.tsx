import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { PrintLink, Proof } from "../api/types.ts";
import { Comparison } from "../image/comparison.tsx";
import { announce } from "../look/announcements.tsx";
import { Name } from "../look/name.tsx";
import { Problem } from "../look/problem.tsx";
import { words, written } from "../words/words.ts";
import { wordFor } from "./editing.ts";
import { mistakesOf } from "./mistakes.ts";
import type { Sample } from "./sample.ts";
import { SampleChoice } from "./sample_choice.tsx";
import type { useProof } from "./use_proof.ts";

interface ProofPanelProps {
  readonly sample: Sample | null;
  readonly proof: ReturnType<typeof useProof>;
}

/** What the recipe makes of an image of one's own. */
export function ProofPanel({ sample, proof }: ProofPanelProps) {
  const say = words.value.recipes.proof;
  const { problem, isMaking, again } = proof;
  const made = proof.proof.value;
  const waits = problem.value !== null && mistakesOf(problem.value).size > 0;
  return (
    <SampleChoice sample={sample}>
      <div class="proof" aria-busy={isMaking.value} data-proof={isMaking.value ? "making" : (made?.state ?? "none")}>
        <p class="soft proof-state">
          {sample && (isMaking.value ? say.making : waits ? say.waits : <Took proof={made} />)}
        </p>
        {problem.value && !waits && <Problem problem={problem.value} again={again} />}
        {made && sample && <Made key={sample.address} proof={made} original={sample.address} />}
      </div>
    </SampleChoice>
  );
}

function Took({ proof }: { readonly proof: Proof | null }) {
  const { duration_ms } = proof ?? {};
  if (duration_ms === null || duration_ms === undefined) return null;
  return <span data-figure="duration_ms">{words.value.image.milliseconds(written.value.number(duration_ms))}</span>;
}

function Made({ proof, original }: { readonly proof: Proof; readonly original: string }) {
  const say = words.value.recipes.proof;
  const chosen = useSignal("");
  const print = proof.prints.find(({ output }) => output === chosen.value) ?? proof.prints[0];
  useEffect(() => announce(proof.message ?? say.title), [proof]);
  return (
    <>
      <p>
        <Name text={proof.original.name} />{" "}
        <span class="soft" data-figure="original.size_bytes">
          <Size {...proof.original} />
        </span>
      </p>
      {proof.message && (
        <p class="problem" data-code={proof.code}>
          <span data-figure="message">{proof.message}</span>
          <code class="soft">{proof.code}</code>
        </p>
      )}
      {print && <Comparison print={print} original={original} name={proof.original.name} />}
      <Prints prints={proof.prints} shown={print} show={(output) => (chosen.value = output)} />
    </>
  );
}

interface PrintsProps {
  readonly prints: readonly PrintLink[];
  readonly shown: PrintLink | undefined;
  readonly show: (output: string) => void;
}

/** Every print with its size; the one that is chosen is shown. */
function Prints({ prints, shown, show }: PrintsProps) {
  return (
    <fieldset class="prints">
      <legend class="only-heard">{wordFor("outputs")}</legend>
      {prints.map((print) => (
        <label key={print.output} data-print={print.output}>
          <input type="radio" name="print" checked={print === shown} onChange={() => show(print.output)} />
          <span>{print.output}</span>
          <span class="soft">
            <Size {...print} />
          </span>
        </label>
      ))}
    </fieldset>
  );
}

interface SizeProps {
  readonly width?: number | null;
  readonly height?: number | null;
  readonly size_bytes: number;
}

function Size({ width, height, size_bytes }: SizeProps) {
  const { number, bytes } = written.value;
  return (
    <>
      {width && height && `${number(width)} × ${number(height)} · `}
      <span data-figure="size_bytes">{bytes(size_bytes)}</span>
    </>
  );
}

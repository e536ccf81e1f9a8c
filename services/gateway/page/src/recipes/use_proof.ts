import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { type ApiProblem, asProblem } from "../api/problem.ts";
import type { Proof } from "../api/types.ts";
import { language } from "../preferences/preferences.ts";
import { Newest } from "./newest.ts";
import { makeProof } from "./proof.ts";
import type { Sample } from "./sample.ts";

const TYPING_MILLISECONDS = 400;

/** The proof of what is typed; the one before stays until the next is made. */
export function useProof(text: string | null, sample: Sample | null) {
  const proof = useSignal<Proof | null>(null);
  const problem = useSignal<ApiProblem | null>(null);
  const isMaking = useSignal(false);
  const asked = useSignal(0);
  const newest = useMemo(
    () =>
      new Newest<{ text: string; sample: Sample }, Proof>(TYPING_MILLISECONDS, {
        ask: (wanted, signal) => makeProof(wanted.text, wanted.sample, signal),
        answered: (made) => {
          proof.value = made;
          problem.value = null;
          isMaking.value = false;
        },
        failed: (thrown) => {
          problem.value = asProblem(thrown);
          isMaking.value = false;
        },
      }),
    [],
  );
  useEffect(() => () => newest.stop(), []);
  useEffect(() => {
    proof.value = null;
  }, [sample?.address]);
  useEffect(() => {
    if (text === null || !sample) return;
    isMaking.value = true;
    newest.want({ text, sample });
  }, [text, sample?.address, language.value, asked.value]);
  return { proof, problem, isMaking, again: () => void asked.value++ };
}

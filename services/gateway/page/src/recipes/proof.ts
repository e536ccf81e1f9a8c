import { answered, api } from "../api/client.ts";
import { asProblem } from "../api/problem.ts";
import type { Proof } from "../api/types.ts";
import type { Sample } from "./sample.ts";

const LOOK_MILLISECONDS = 1000;

/** Where files have arrived already: the proofs whose originals they are, which need not be sent again. */
const arrived = new WeakMap<File, string>();

/** Make a proof of an image by a recipe as it was typed, and wait for its end; throws an `ApiProblem`. */
export async function makeProof(text: string, sample: Sample, signal: AbortSignal): Promise<Proof> {
  try {
    const proof = await ended(text, sample, signal);
    if ("file" in sample) arrived.set(sample.file, proof.proof_id);
    return proof;
  } catch (thrown) {
    // Proofs are kept for some minutes only: then the file is sent anew.
    const isGone = !signal.aborted && asProblem(thrown).status === 404;
    if (isGone && "file" in sample && arrived.delete(sample.file)) return makeProof(text, sample, signal);
    throw thrown;
  }
}

async function ended(text: string, sample: Sample, signal: AbortSignal): Promise<Proof> {
  const bodySerializer = (): FormData => formOf(text, sample);
  let { data } = await answered(api.POST("/pipeline/proofs", { body: {}, bodySerializer, signal }));
  while (data.state === "pending") {
    await pause(signal);
    const params = { path: { proof_id: data.proof_id } };
    ({ data } = await answered(api.GET("/pipeline/proofs/{proof_id}", { params, signal })));
  }
  return data;
}

function formOf(text: string, sample: Sample): FormData {
  const form = new FormData();
  form.set("options", text);
  const before = "file" in sample ? arrived.get(sample.file) : undefined;
  if ("batchId" in sample) place(form, sample.batchId, sample.index);
  else if (before) place(form, before, "0");
  else form.set("file", sample.file);
  return form;
}

function place(form: FormData, batchId: string, index: string): void {
  form.set("batch_id", batchId);
  form.set("index", index);
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, LOOK_MILLISECONDS);
    const stop = (): void => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener("abort", stop, { once: true });
  });
}

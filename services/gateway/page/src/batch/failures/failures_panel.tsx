import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { answered, api } from "../../api/client.ts";
import { returns } from "../../api/connection.ts";
import { type ApiProblem, asProblem } from "../../api/problem.ts";
import type { BatchStatus, FailureList } from "../../api/types.ts";
import { Problem } from "../../look/problem.tsx";
import { recipeNames } from "../../recipes/recipe_names.ts";
import { words } from "../../words/words.ts";
import { Cause, type ShownCause } from "./cause.tsx";
import { keptCauses } from "./kept_causes.ts";
import "./failures.css";

/** Why images failed, cause by cause, each with the button that tries it again. */
export function FailuresPanel({ batch }: { readonly batch: BatchStatus }) {
  const say = words.value.failures;
  const { found, problem } = useFailures(batch);
  const shown = useRef<readonly ShownCause[]>([]);
  const recipes = useSignal<readonly string[]>([]);
  useEffect(() => void recipeNames().then((names) => (recipes.value = names)), []);
  if (problem.value) return <Problem problem={problem.value} />;
  if (!found.value) return <div class="batch-skeleton" aria-hidden="true" />;
  const revoked = batch.revoked_images > 0 ? [revokedCause(batch)] : [];
  shown.current = keptCauses(shown.current, [...found.value.failures, ...revoked]);
  if (shown.current.length === 0) return <p>{say.none}</p>;
  return (
    <section class="failures" aria-label={say.title}>
      <p class="soft failures-note">{batch.controls.retry === null && say.retryAtTheEnd}</p>
      <ul>
        {shown.current.map((cause) => (
          <Cause key={cause.code} batch={batch} cause={cause} recipes={recipes.value} />
        ))}
      </ul>
    </section>
  );
}

/** The failures as they are now; read again whenever more images have failed, or been left out. */
function useFailures(batch: BatchStatus) {
  const found = useSignal<FailureList | null>(null);
  const problem = useSignal<ApiProblem | null>(null);
  useEffect(() => {
    const asking = new AbortController();
    const parameters = { params: { path: { batch_id: batch.batch_id } }, signal: asking.signal };
    answered(api.GET("/pipeline/batch/{batch_id}/failures", parameters))
      .then(({ data }) => {
        found.value = data;
        problem.value = null;
      })
      .catch((thrown: unknown) => {
        if (!asking.signal.aborted) problem.value = asProblem(thrown);
      });
    return () => asking.abort();
  }, [batch.batch_id, batch.generation, batch.failed_images, batch.revoked_images, words.value, returns.value]);
  return { found, problem };
}

/** What was left out when the batch was stopped, in the shape of a cause: a retry takes `revoked` for its code. */
function revokedCause(batch: BatchStatus): ShownCause {
  const sentence = words.value.failures.revoked;
  return { code: "revoked", sentence, images: batch.revoked_images, examples: [], retryable: true };
}

import { useSignal } from "@preact/signals";
import { answered, api } from "../../api/client.ts";
import { type ApiProblem, asProblem } from "../../api/problem.ts";
import type { BatchStatus, FailureGroup } from "../../api/types.ts";
import { announce } from "../../look/announcements.tsx";
import { Button } from "../../look/button.tsx";
import { Name } from "../../look/name.tsx";
import { Problem } from "../../look/problem.tsx";
import { asOptions, Select } from "../../look/select.tsx";
import { RecipeLink } from "../../recipes/recipe_link.tsx";
import { root } from "../../routing/location.ts";
import { words, written } from "../../words/words.ts";
import { take } from "../batch.ts";

export type ShownCause = Pick<FailureGroup, "code" | "sentence" | "images" | "examples" | "retryable">;

interface CauseProps {
  readonly batch: BatchStatus;
  readonly cause: ShownCause;
  /** What another try may be made by. */
  readonly recipes: readonly string[];
}

/** One cause: what it means, how many images and which, and the button that tries these again. */
export function Cause({ batch, cause, recipes }: CauseProps) {
  const say = words.value.failures;
  const images = written.value.number(cause.images);
  return (
    <li class="cause" data-code={cause.code}>
      <div>
        <h2>{cause.sentence}</h2>
        <p class="soft">
          <code>{cause.code}</code> {cause.retryable && ` · ${say.retryHelps}`}
        </p>
      </div>
      <p class="cause-images">
        <strong data-figure={`failure_codes.${cause.code}`}>{images}</strong> {say.images}{" "}
        <a href={`${root}/batches/${batch.batch_id}?${choiceOf(cause.code)}`}>{say.showAll}</a>
      </p>
      {cause.examples.length > 0 && (
        <ul class="examples" aria-label={say.examples}>
          {cause.examples.map(({ index, name }) => (
            <li key={index}>
              <a href={`${root}/batches/${batch.batch_id}/images/${index}`}>
                <Name text={name} />
              </a>
            </li>
          ))}
        </ul>
      )}
      <Retry batch={batch} cause={cause} recipes={recipes} />
    </li>
  );
}

/** The images of a cause, as the address of a batch names them. */
function choiceOf(code: string): URLSearchParams {
  // Failures of earlier versions have no code by which they could be found.
  if (code === "unrecorded") return new URLSearchParams({ outcome: "failed" });
  return new URLSearchParams(code === "revoked" ? { outcome: code } : { code });
}

/** Tries the images of one cause again, by the batch's recipe or another; it keeps its place while that cannot be. */
function Retry({ batch, cause, recipes }: CauseProps) {
  const say = words.value.failures;
  const recipe = useSignal("");
  const busy = useSignal(false);
  const problem = useSignal<ApiProblem | null>(null);
  const images = written.value.number(cause.images);
  const isIdle = busy.value || batch.controls.retry === null || cause.images === 0;
  const retry = async (): Promise<void> => {
    busy.value = true;
    problem.value = null;
    try {
      // Without a name it is the recipe that the batch has.
      const body = { codes: [cause.code], recipe: recipe.value };
      const parameters = { params: { path: { batch_id: batch.batch_id } }, body };
      const { data } = await answered(api.POST("/pipeline/batch/{batch_id}/retry", parameters));
      announce(words.peek().failures.retrying(images));
      take(data);
    } catch (thrown) {
      problem.value = asProblem(thrown);
    } finally {
      busy.value = false;
    }
  };
  return (
    <div class="cause-retry">
      <label>
        <span class="soft">{say.by}</span>{" "}
        <Select
          value={recipe.value}
          options={[["", say.sameRecipe(batch.recipe)], ...asOptions(recipes)]}
          choose={(name) => (recipe.value = name)}
          disabled={isIdle}
        />
      </label>
      {recipe.value && <RecipeLink name={recipe.value} />}
      <Button kind="main" act={() => void retry()} busy={isIdle} label={say.retryCause(images, cause.sentence)}>
        {say.retry(images)}
      </Button>
      {problem.value && <Problem problem={problem.value} />}
    </div>
  );
}

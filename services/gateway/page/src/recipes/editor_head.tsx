import { type Signal, useSignal } from "@preact/signals";
import { type ApiProblem, asProblem } from "../api/problem.ts";
import { Button } from "../look/button.tsx";
import { confirmed } from "../look/confirmation.tsx";
import { Problem } from "../look/problem.tsx";
import { navigate, query, root } from "../routing/location.ts";
import { words } from "../words/words.ts";
import { copyOf } from "./addresses.ts";
import { type Edit, isUnsaved, putEdit } from "./edits.ts";
import { mistakesOf } from "./mistakes.ts";
import { imageQuery } from "./sample.ts";
import { nameIn, remove, save } from "./saving.ts";

interface EditorHeadProps {
  readonly address: string;
  readonly edit: Edit;
  /** Why it could not be stored, or deleted. */
  readonly refused: Signal<ApiProblem | null>;
}

/** Which recipe it is, and what may be done with it. */
export function EditorHead({ address, edit, refused }: EditorHeadProps) {
  const say = words.value.recipes;
  const { busy, act } = useActions(refused);
  const own = edit.name;
  return (
    <header class="recipe-head">
      <p class="soft">
        <a href={`${root}/recipes`}>‹ {words.value.frame.recipes}</a>
      </p>
      <div class="batch-title">
        <h1>{nameIn(edit) || "–"}</h1>
        <div class="controls">
          <Button kind="main" busy={busy.value} act={() => act(() => save(address, edit))} control="save">
            {own === nameIn(edit) ? say.save : `${say.save}: ${nameIn(edit)}`}
          </Button>
          {isUnsaved(edit) && (
            <Button act={() => void discard(address, edit)} control="discard">
              {say.discard}
            </Button>
          )}
          {own !== null && (
            <>
              <a class="button" href={root + copyOf(own, imageQuery(query.value))}>
                {words.value.upload.copy}
              </a>
              <Button busy={busy.value} act={() => act(() => removeAndLeave(own))} control="delete">
                {words.value.controls.remove}
              </Button>
            </>
          )}
        </div>
      </div>
      <p class="soft" data-state={isUnsaved(edit) ? "unsaved" : "saved"}>
        {isUnsaved(edit) ? say.unsaved : own === null ? say.willBeCopy : say.stored}
      </p>
      {refused.value && mistakesOf(refused.value).size === 0 && <Problem problem={refused.value} />}
    </header>
  );
}

/** One thing at a time. */
function useActions(refused: Signal<ApiProblem | null>) {
  const busy = useSignal(false);
  const run = async (request: () => Promise<void>): Promise<void> => {
    busy.value = true;
    refused.value = null;
    try {
      await request();
    } catch (thrown) {
      refused.value = asProblem(thrown);
    } finally {
      busy.value = false;
    }
  };
  return { busy, act: (request: () => Promise<void>) => void run(request) };
}

async function removeAndLeave(name: string): Promise<void> {
  if (await remove(name)) navigate("/recipes");
}

async function discard(address: string, edit: Edit): Promise<void> {
  const say = words.peek().recipes;
  const question = { title: say.discardQuestion, consequence: say.discardConsequence, action: say.discard };
  if (await confirmed(question)) putEdit(address, { ...edit, text: edit.saved });
}

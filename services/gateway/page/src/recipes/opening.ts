import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type ApiProblem, asProblem } from "../api/problem.ts";
import type { RecipeAnswer } from "../api/types.ts";
import { copyName } from "./addresses.ts";
import { type Edit, edits, isUnsaved, putEdit } from "./edits.ts";
import { asText, changed, isFields, type Json } from "./json.ts";
import { loadRecipe, recipeSchema, type TaggedRecipe } from "./recipes.ts";
import { brief, type Schema } from "./schema.ts";

/** Which recipe an editor opens: a stored one, or a copy under another name. */
export interface Opening {
  readonly address: string;
  readonly source: string;
  readonly isCopy: boolean;
}

/** Open a recipe unless it is open with changes that nobody has saved. */
export function useOpening(opening: Opening) {
  const schema = useSignal<Schema | null>(null);
  const problem = useSignal<ApiProblem | null>(null);
  const open = async (): Promise<void> => {
    problem.value = null;
    try {
      schema.value = await recipeSchema();
      if (isBeingChanged(opening.address)) return;
      const edit = editOf(await loadRecipe(opening.source), opening, schema.value);
      // Something may have been typed while it was being asked for.
      if (!isBeingChanged(opening.address)) putEdit(opening.address, edit);
    } catch (thrown) {
      problem.value = asProblem(thrown);
    }
  };
  useEffect(() => void open(), [opening.address]);
  return { schema, problem, open: () => void open() };
}

function isBeingChanged(address: string): boolean {
  const edit = edits.peek().get(address);
  return edit !== undefined && isUnsaved(edit);
}

/** What the editor begins with; the built-in ones can only be copied. */
function editOf(found: TaggedRecipe, { isCopy }: Opening, schema: Schema): Edit {
  const isOwn = !isCopy && !found.built_in;
  const recipe = brief(asJson(found.recipe), schema);
  const name = isOwn ? found.name : copyName(found.name);
  const text = asText(changed(isFields(recipe) ? recipe : {}, ["name"], name));
  return { text, saved: text, etag: isOwn ? found.etag : null, name: isOwn ? found.name : null };
}

/** Recipes as their schema has them: an older page is to read what it does not know. */
function asJson(recipe: RecipeAnswer["recipe"]): Json {
  return JSON.parse(JSON.stringify(recipe));
}

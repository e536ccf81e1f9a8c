import { asProblem } from "../api/problem.ts";
import { announce } from "../look/announcements.tsx";
import { confirmed } from "../look/confirmation.tsx";
import { navigate, query } from "../routing/location.ts";
import { words } from "../words/words.ts";
import { editorOf } from "./addresses.ts";
import { dropEdit, type Edit, edits, putEdit } from "./edits.ts";
import { readFields } from "./json.ts";
import { deleteRecipe, type Replaced, storeRecipe, type TaggedRecipe } from "./recipes.ts";
import { imageQuery } from "./sample.ts";

/** No recipe has this name: the API says what a name has to be. */
const NONE = " ";

/** The name under which a recipe would be stored. */
export function nameIn(edit: Edit): string {
  const name = readFields(edit.text)?.name;
  return typeof name === "string" ? name : (edit.name ?? "");
}

/** Store a recipe; asks before it takes the place of one that is not known. Throws an `ApiProblem`. */
export async function save(address: string, edit: Edit): Promise<void> {
  const name = nameIn(edit);
  const stored = await storeAsKnown(name, edit);
  if (!stored) return;
  // More may have been typed meanwhile.
  const text = edits.peek().get(address)?.text ?? edit.text;
  const place = editorOf(name);
  dropEdit(address);
  putEdit(place, { text, saved: edit.text, etag: stored.etag, name });
  announce(`${name}: ${words.peek().recipes.stored}`);
  if (place !== address) navigate(editorOf(name, imageQuery(query.peek())));
}

/** Store it in the place of the version that was opened, and of another one only after a question; null if not. */
async function storeAsKnown(name: string, { text, ...opened }: Edit): Promise<TaggedRecipe | null> {
  const store = (replaced: Replaced): Promise<TaggedRecipe> => storeRecipe(name || NONE, text, replaced);
  try {
    return await store(opened.name === name && opened.etag ? { "if-match": opened.etag } : { "if-none-match": "*" });
  } catch (thrown) {
    if (asProblem(thrown).code !== "recipe_changed") throw thrown;
    return (await confirmed(replaceQuestion(name))) ? store({}) : null;
  }
}

function replaceQuestion(name: string) {
  const say = words.peek().recipes;
  return { title: say.replaceQuestion(name), consequence: say.replaceConsequence, action: say.replaceAction };
}

/** Delete a recipe after a question; whether it was. Throws an `ApiProblem`. */
export async function remove(name: string): Promise<boolean> {
  const { controls, recipes: say } = words.peek();
  const question = {
    title: controls.removeQuestion(name),
    consequence: say.removeConsequence,
    action: controls.removeAction,
  };
  if (!(await confirmed(question))) return false;
  await deleteRecipe(name);
  dropEdit(editorOf(name));
  announce(controls.done.delete(name));
  return true;
}

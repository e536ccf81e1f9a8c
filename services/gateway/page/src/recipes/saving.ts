import { announce } from "../look/announcements.tsx";
import { confirmed } from "../look/confirmation.tsx";
import { navigate, query } from "../routing/location.ts";
import { words } from "../words/words.ts";
import { editorOf } from "./addresses.ts";
import { dropEdit, type Edit, edits, putEdit } from "./edits.ts";
import { readFields } from "./json.ts";
import { deleteRecipe, listRecipes, storeRecipe } from "./recipes.ts";
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
  if ((await isAnothers(name, edit)) && !(await confirmed(replaceQuestion(name)))) return;
  const stored = await storeRecipe(name || NONE, edit.text);
  // More may have been typed meanwhile.
  const text = edits.peek().get(address)?.text ?? edit.text;
  const place = editorOf(name);
  dropEdit(address);
  putEdit(place, { text, saved: edit.text, savedAt: stored.saved_at, name });
  announce(`${name}: ${words.peek().recipes.stored}`);
  if (place !== address) navigate(editorOf(name, imageQuery(query.peek())));
}

/** Whether what is stored under a name is another recipe than the one that was opened, or a newer version of it. */
async function isAnothers(name: string, edit: Edit): Promise<boolean> {
  const found = (await listRecipes()).find((recipe) => recipe.name === name);
  if (!found || found.built_in) return false;
  return found.name !== edit.name || found.saved_at !== edit.savedAt;
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

import { root } from "../routing/location.ts";
import { words } from "../words/words.ts";
import { editorOf } from "./addresses.ts";

/** The way to a recipe where one is chosen by its name; what is being filled in stays as it is. */
export function RecipeLink({ name }: { readonly name: string }) {
  return (
    <a class="soft" href={root + editorOf(name)} target="_blank" rel="noopener">
      {words.value.upload.recipe}: {name}
    </a>
  );
}

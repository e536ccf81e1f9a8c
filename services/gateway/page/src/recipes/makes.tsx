import type { RecipeSummary } from "../api/types.ts";
import { words, written } from "../words/words.ts";
import { wordFor } from "./editing.ts";

/** What a recipe makes, in words: its steps in their order, then each print. */
export function Makes({ recipe }: { readonly recipe: RecipeSummary }) {
  return (
    <div class="makes">
      {recipe.steps.length > 0 && <p>{recipe.steps.map(wordFor).join(" → ")}</p>}
      <ul>
        {recipe.outputs.map((output) => (
          <li key={output.name} data-output={output.name}>
            <strong>{output.name}</strong> {wordFor(output.format)} <span class="soft">{sizeOf(output)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** How large a print becomes. */
function sizeOf({ fit, cover }: RecipeSummary["outputs"][number]): string {
  const say = words.value.recipes;
  const { number } = written.value;
  const box = fit ?? cover;
  if (!box) return say.fullSize;
  const size = `${number(box.width)} × ${number(box.height)}`;
  return fit ? say.fitted(size) : say.covered(size);
}

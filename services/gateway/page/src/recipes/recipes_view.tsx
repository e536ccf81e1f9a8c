import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type ApiProblem, asProblem } from "../api/problem.ts";
import type { RecipeSummary } from "../api/types.ts";
import { usePageTitle } from "../frame/page_title.ts";
import { Button } from "../look/button.tsx";
import { Problem } from "../look/problem.tsx";
import { query, root } from "../routing/location.ts";
import { words } from "../words/words.ts";
import { copyOf, editorOf, NEW } from "./addresses.ts";
import { edits, unsaved } from "./edits.ts";
import { Makes } from "./makes.tsx";
import { listRecipes } from "./recipes.ts";
import { imageQuery } from "./sample.ts";
import { nameIn, remove } from "./saving.ts";
import "./recipes.css";

/** All recipes: what each makes, and what may be done with it. */
export function RecipesView() {
  const say = words.value.recipes;
  const title = words.value.frame.recipes;
  usePageTitle(title);
  const { recipes, problem, load, act } = useRecipes();
  const image = imageQuery(query.value);
  return (
    <section class="recipes">
      <div class="batch-title">
        <h1>{title}</h1>
        <a class="button main" href={`${root}/recipes/${NEW}${image && `?${image}`}`}>
          {say.create}
        </a>
      </div>
      {image && <p>{say.forImage}</p>}
      <Unsaved />
      {problem.value && <Problem problem={problem.value} again={load} />}
      {!recipes.value && !problem.value && <div class="batch-skeleton" aria-hidden="true" />}
      <ul>
        {recipes.value?.map((recipe) => (
          <Row key={recipe.name} recipe={recipe} image={image} removeIt={() => act(() => remove(recipe.name))} />
        ))}
      </ul>
    </section>
  );
}

function useRecipes() {
  const recipes = useSignal<readonly RecipeSummary[] | null>(null);
  const problem = useSignal<ApiProblem | null>(null);
  const run = async (first?: () => Promise<boolean>): Promise<void> => {
    problem.value = null;
    try {
      if (first && !(await first())) return;
      recipes.value = await listRecipes();
    } catch (thrown) {
      problem.value = asProblem(thrown);
    }
  };
  useEffect(() => void run(), []);
  return { recipes, problem, load: () => void run(), act: (first: () => Promise<boolean>) => void run(first) };
}

/** Those that are open with changes that nobody has saved. */
function Unsaved() {
  const say = words.value.recipes;
  if (unsaved.value.length === 0) return null;
  return (
    <section class="recipes-unsaved">
      <h2>{say.unsaved}</h2>
      <ul>
        {unsaved.value.map((address) => {
          const edit = edits.value.get(address);
          return (
            <li key={address}>
              <a href={root + address}>{(edit && nameIn(edit)) || "–"}</a>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

interface RowProps {
  readonly recipe: RecipeSummary;
  readonly image: string;
  readonly removeIt: () => void;
}

function Row({ recipe, image, removeIt }: RowProps) {
  const say = words.value.recipes;
  const { copy } = words.value.upload;
  const remove = words.value.controls.remove;
  const { name, built_in } = recipe;
  return (
    <li data-recipe={name}>
      <h2>
        <a href={root + editorOf(name, image)}>{name}</a>
      </h2>
      {built_in && <p class="soft">{say.builtIn}</p>}
      <Makes recipe={recipe} />
      <p class="controls">
        {!built_in && (
          <a class="button" href={root + editorOf(name, image)} aria-label={`${say.edit}: ${name}`}>
            {say.edit}
          </a>
        )}
        <a class="button" href={root + copyOf(name, image)} aria-label={`${copy}: ${name}`}>
          {copy}
        </a>
        {!built_in && (
          <Button act={removeIt} label={`${remove}: ${name}`} control="delete">
            {remove}
          </Button>
        )}
      </p>
    </li>
  );
}

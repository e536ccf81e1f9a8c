import { answered, api } from "../api/client.ts";
import type { RecipeAnswer, RecipeSummary } from "../api/types.ts";
import { resolved, type Schema } from "./schema.ts";

let schema: Promise<Schema> | null = null;

/** All recipes as they are listed; throws an `ApiProblem`, as all here. */
export async function listRecipes(): Promise<readonly RecipeSummary[]> {
  return (await answered(api.GET("/pipeline/recipes"))).data;
}

/** What a recipe may hold; asked for once. */
export function recipeSchema(): Promise<Schema> {
  schema ??= answered(api.GET("/pipeline/recipes/schema")).then(
    ({ data }) => resolved(data),
    (thrown: unknown) => {
      schema = null;
      throw thrown;
    },
  );
  return schema;
}

export async function loadRecipe(name: string): Promise<RecipeAnswer> {
  return (await answered(api.GET("/pipeline/recipes/{name}", { params: { path: { name } } }))).data;
}

/** Store what was typed, as it was typed: the API says what is wrong with it, also if it is no JSON yet. */
export async function storeRecipe(name: string, text: string): Promise<RecipeAnswer> {
  const body = {} as RecipeAnswer["recipe"];
  const request = { params: { path: { name } }, body, bodySerializer: () => text };
  return (await answered(api.PUT("/pipeline/recipes/{name}", request))).data;
}

export async function deleteRecipe(name: string): Promise<void> {
  await answered(api.DELETE("/pipeline/recipes/{name}", { params: { path: { name } } }));
}

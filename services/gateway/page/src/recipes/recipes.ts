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

/** A recipe, and what tells this version of it from others. */
export interface TaggedRecipe extends RecipeAnswer {
  readonly etag: string | null;
}

export function loadRecipe(name: string): Promise<TaggedRecipe> {
  return tagged(api.GET("/pipeline/recipes/{name}", { params: { path: { name } } }));
}

/** Which version of a recipe is replaced: the one with this tag, none at all, or whatever there is. */
export type Replaced = { readonly "if-match": string } | { readonly "if-none-match": "*" } | Record<string, never>;

/** Store what was typed, as it was typed: the API says what is wrong with it, also if it is no JSON yet. */
export function storeRecipe(name: string, text: string, header: Replaced): Promise<TaggedRecipe> {
  const body = {} as RecipeAnswer["recipe"];
  return tagged(
    api.PUT("/pipeline/recipes/{name}", { params: { path: { name }, header }, body, bodySerializer: () => text }),
  );
}

async function tagged(
  asked: Promise<{ data?: { data: RecipeAnswer }; error?: unknown; response: Response }>,
): Promise<TaggedRecipe> {
  const { data } = await answered(asked);
  const { response } = await asked;
  // A proxy that compresses says that the tag is weak, and the API takes strong ones only.
  return { ...data, etag: response.headers.get("ETag")?.replace("W/", "") ?? null };
}

export async function deleteRecipe(name: string): Promise<void> {
  await answered(api.DELETE("/pipeline/recipes/{name}", { params: { path: { name } } }));
}

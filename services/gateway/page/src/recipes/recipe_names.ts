import { answered, api } from "../api/client.ts";

/** The names of all recipes that the server knows; none if it does not answer, as one need not choose. */
export async function recipeNames(): Promise<readonly string[]> {
  try {
    const { data } = await answered(api.GET("/pipeline/recipes"));
    return data.map(({ name }) => name);
  } catch {
    return [];
  }
}

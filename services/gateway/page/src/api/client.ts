import createClient from "openapi-fetch";
import { language } from "../preferences/preferences.ts";
import { root } from "../routing/location.ts";
import { asProblem, readProblem } from "./problem.ts";
import type { paths } from "./schema.d.ts";
import { noteServerTime } from "./server_clock.ts";

/** The API, typed by its OpenAPI document: `api.GET("/pipeline/batch/{batch_id}", { params: { path: { batch_id } } })`. */
export const api = createClient<paths>({ baseUrl: root });

api.use({
  onRequest({ request }) {
    // Sentences of the API come in the language of the page.
    request.headers.set("Accept-Language", language.value);
  },
  onResponse({ response }) {
    noteServerTime(response.headers.get("Date"));
  },
});

interface Answered<Body> {
  readonly data?: Body;
  readonly error?: unknown;
  readonly response: Response;
}

/** The body of an answer, with its `data` and what stands beside it; throws an `ApiProblem` if it was not served. */
export async function answered<Body>(asked: Promise<Answered<Body>>): Promise<Body> {
  const { data, error, response } = await asked.catch((thrown: unknown) => {
    // Whoever has aborted a request waits for no answer, and is not to be shown a problem.
    if (thrown instanceof DOMException && thrown.name === "AbortError") throw thrown;
    throw asProblem(thrown);
  });
  if (data === undefined) throw readProblem(error, response.status);
  return data;
}

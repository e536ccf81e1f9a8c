import type { Client } from "openapi-fetch";
import { language } from "../preferences/preferences.ts";
import { root } from "../routing/location.ts";
import { asProblem, readProblem } from "./problem.ts";
import { type Asked, addressOf, readJson, sendingOf } from "./requests.ts";
import type { paths } from "./schema.d.ts";
import { noteServerTime } from "./server_clock.ts";

interface Answered<Body> {
  readonly data?: Body;
  readonly error?: unknown;
  readonly response: Response;
}

const asking =
  (method: string) =>
  async (path: string, asked: Asked = {}): Promise<Answered<unknown>> => {
    const response = await fetch(root + addressOf(path, asked), sendingOf(method, asked, language.peek()));
    noteServerTime(response.headers.get("Date"));
    const body = readJson(await response.text());
    // A proxy may answer with something else than the API's JSON.
    return response.ok && body !== null ? { data: body, response } : { error: body, response };
  };

/** The API, typed by its OpenAPI document: `api.GET("/pipeline/batch/{batch_id}", { params: { path: { batch_id } } })`. */
export const api = {
  GET: asking("GET"),
  POST: asking("POST"),
  PUT: asking("PUT"),
  DELETE: asking("DELETE"),
} as unknown as Pick<Client<paths>, "GET" | "POST" | "PUT" | "DELETE">;

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

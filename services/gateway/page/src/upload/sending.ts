import { asProblem, readProblem } from "../api/problem.ts";
import { language } from "../preferences/preferences.ts";
import { root } from "../routing/location.ts";

export interface NewBatch {
  readonly name: string;
  readonly recipe: string;
  readonly files: readonly File[];
}

/** Upload a batch in one request; its id. `sent` is told how many bytes have gone. Throws an `ApiProblem`. */
export function send(
  { name, recipe, files }: NewBatch,
  sent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<string> {
  const form = new FormData();
  form.set("batch_name", name);
  form.set("recipe", recipe);
  for (const file of files) form.append("files", file, file.name);
  return new Promise((resolve, reject) => {
    // fetch tells nothing of how much of a body has gone.
    const request = new XMLHttpRequest();
    request.open("POST", `${root}/pipeline/batch`);
    request.setRequestHeader("Accept-Language", language.peek());
    request.responseType = "json";
    request.upload.onprogress = (event) => sent(event.loaded);
    request.onload = () => {
      if (request.status === 200) resolve(String(request.response.data.batch_id));
      else reject(readProblem(request.response, request.status));
    };
    request.onerror = () => reject(asProblem(new TypeError("the upload broke off")));
    signal.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}

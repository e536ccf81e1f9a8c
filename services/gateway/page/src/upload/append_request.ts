import { asProblem, readProblem } from "../api/problem.ts";
import { language } from "../preferences/preferences.ts";
import { root } from "../routing/location.ts";
import type { NamedFile } from "./drafts.ts";
import { retryAfterSeconds } from "./retries.ts";

export interface Append {
  readonly draftId: string;
  /** Names the request: sent again with the same, it appends nothing twice. */
  readonly key: string;
  readonly position: number;
  readonly files: readonly NamedFile[];
}

/** Append files to a draft; throws an `ApiProblem`, also when it is aborted. */
export async function append(request: Append, progress: (bytes: number) => void, signal: AbortSignal): Promise<void> {
  const form = await body(request);
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    // fetch tells nothing of how much of a body has gone.
    const sending = new XMLHttpRequest();
    const stop = (): void => sending.abort();
    const fail = (): void => reject(asProblem(new TypeError("the upload broke off")));
    sending.open("POST", `${root}/pipeline/batch/${request.draftId}/images`);
    sending.setRequestHeader("Accept-Language", language.peek());
    sending.setRequestHeader("Idempotency-Key", request.key);
    sending.responseType = "json";
    sending.upload.onprogress = (event) => progress(event.loaded);
    sending.onload = () => {
      if (sending.status >= 200 && sending.status < 300) return resolve();
      const seconds = retryAfterSeconds(sending.getResponseHeader("Retry-After"));
      reject(readProblem(sending.response, sending.status, seconds));
    };
    sending.onerror = fail;
    sending.onabort = fail;
    sending.onloadend = () => signal.removeEventListener("abort", stop);
    signal.addEventListener("abort", stop);
    sending.send(form);
  });
}

async function body({ position, files }: Append): Promise<FormData> {
  const form = new FormData();
  form.set("position", String(position));
  const opened = await Promise.all(files.map(async ({ open, name }) => ({ file: await open(), name })));
  for (const { file, name } of opened) form.append("files", file, name);
  return form;
}

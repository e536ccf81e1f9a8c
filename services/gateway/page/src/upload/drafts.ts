import { answered, api } from "../api/client.ts";
import type { PlacedFile } from "./groups.ts";
import { pagesOf } from "./missing_pages.ts";

/** What a batch is to be, as a person fills it in; an empty text leaves it to the server. */
export interface BatchForm {
  readonly batch_name: string;
  readonly recipe: string;
  readonly priority: string;
  readonly chunk_size: string;
  readonly failure_threshold: string;
}

/** A file that is to be in the batch, under a name of its own. */
export interface NamedFile extends PlacedFile {
  readonly name: string;
  /** The chosen folder that it comes from; empty if it was chosen by itself. */
  readonly folder: string;
  /** Rejects if it can no longer be read. */
  readonly open: () => Promise<File>;
}

/** Begin a draft; its id. With the same key it is begun once. Throws an `ApiProblem`, as all here. */
export async function beginDraft(form: BatchForm, key: string): Promise<string> {
  const { data } = await answered(
    api.POST("/pipeline/batch", {
      params: { query: { draft: true }, header: { "idempotency-key": key } },
      body: { batch_name: form.batch_name, files: [] },
      bodySerializer: () => formData(form),
    }),
  );
  return data.batch_id;
}

/** Make a draft a batch. */
export async function commitDraft(batch_id: string): Promise<void> {
  await answered(api.POST("/pipeline/batch/{batch_id}/commit", { params: { path: { batch_id } } }));
}

/** Remove a draft with everything in it. */
export async function giveUpDraft(batch_id: string): Promise<void> {
  await answered(api.DELETE("/pipeline/batch/{batch_id}", { params: { path: { batch_id } } }));
}

/** Those of the files that a draft does not hold, in their order. */
export async function missingFiles(batch_id: string, files: readonly NamedFile[]): Promise<NamedFile[]> {
  const missing: NamedFile[] = [];
  for (const page of pagesOf(files)) {
    const { data } = await answered(
      api.POST("/pipeline/batch/{batch_id}/missing", {
        params: { path: { batch_id } },
        body: { files: page.map(({ name, size }) => ({ name, size_bytes: size })) },
      }),
    );
    for (const place of data.missing) {
      const file = page[place];
      if (file) missing.push(file);
    }
  }
  return missing.sort((one, other) => one.position - other.position);
}

function formData(form: BatchForm): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(form)) data.set(name, value);
  return data;
}

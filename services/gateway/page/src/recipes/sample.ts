import { signal } from "@preact/signals";
import { changeQuery, root } from "../routing/location.ts";

/** The image that proofs are made of, a file or an image of a batch; its original can be seen at `address`. */
export type Sample =
  | { readonly file: File; readonly address: string }
  | { readonly batchId: string; readonly index: string; readonly address: string };

/** A file that was chosen; it stays for the next recipe. */
const chosen = signal<{ readonly file: File; readonly address: string } | null>(null);

export function chooseSample(file: File): void {
  if (chosen.value) URL.revokeObjectURL(chosen.value.address);
  chosen.value = { file, address: URL.createObjectURL(file) };
  changeQuery({ batch: null, image: null });
}

/** The image that the address names, or else the chosen file. */
export function sampleOf(query: URLSearchParams): Sample | null {
  const [batchId, index] = [query.get("batch"), query.get("image")];
  if (!batchId || !index) return chosen.value;
  const place = `${encodeURIComponent(batchId)}/images/${encodeURIComponent(index)}`;
  return { batchId, index, address: `${root}/pipeline/batch/${place}/original` };
}

/** The part of a query that names the image. */
export function imageQuery(query: URLSearchParams): string {
  const [batch, image] = [query.get("batch"), query.get("image")];
  return batch && image ? new URLSearchParams({ batch, image }).toString() : "";
}

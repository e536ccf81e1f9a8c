import { signal } from "@preact/signals";
import { answered, api } from "../api/client.ts";
import type { SystemLimits } from "../api/types.ts";

export type UploadLimits = Pick<
  SystemLimits,
  "max_file_bytes" | "append_max_files" | "append_max_bytes" | "max_chunk_size" | "chunk_size"
>;

/** What a server takes that is set to nothing else; it says itself what it refuses. */
const DEFAULTS: UploadLimits = {
  max_file_bytes: 104_857_600,
  append_max_files: 500,
  append_max_bytes: 134_217_728,
  max_chunk_size: 1000,
  chunk_size: 10,
};

/** What the server takes, once it has been asked. */
export const limits = signal<UploadLimits>(DEFAULTS);

/** Ask the server for its limits; without an answer those stay that are known. */
export async function askForLimits(): Promise<void> {
  const { data } = await answered(api.GET("/pipeline/system"));
  limits.value = { ...DEFAULTS, ...data.limits };
}

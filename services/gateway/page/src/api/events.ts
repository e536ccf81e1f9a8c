import type { BatchStatus } from "./types.ts";

/** What a stream of all batches begins with. */
export interface Hello {
  readonly server_version: string;
  /** Of the page that the server has; null without one. */
  readonly page_version: string | null;
}

export interface DeletedBatch {
  readonly batch_id: string;
  readonly deleted: true;
}

export type BatchChange = BatchStatus | DeletedBatch;

/** What has changed within a second; with `reload`, more than can be told one by one. */
export interface BatchChanges {
  readonly batches: readonly BatchChange[];
  readonly reload: boolean;
}

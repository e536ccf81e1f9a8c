import { signal } from "@preact/signals";
import { answered, api } from "../api/client.ts";
import type { DraftSummary } from "../api/types.ts";

/** Uploads that were begun and not committed, here or elsewhere, the newest first; null until they have been asked for. */
export const openDrafts = signal<readonly DraftSummary[] | null>(null);

/** The draft that a person goes on with; its files are still to be chosen. */
export const resumedDraft = signal<DraftSummary | null>(null);

/** Ask for the open drafts; throws an `ApiProblem`. */
export async function refreshDrafts(): Promise<void> {
  try {
    openDrafts.value = (await answered(api.GET("/pipeline/drafts"))).data;
  } finally {
    openDrafts.value ??= [];
  }
}

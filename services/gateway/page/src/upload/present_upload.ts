import { signal } from "@preact/signals";
import { asProblem } from "../api/problem.ts";
import { announce } from "../look/announcements.tsx";
import { navigate } from "../routing/location.ts";
import { words } from "../words/words.ts";
import { giveUpDraft } from "./drafts.ts";
import type { Upload } from "./upload.ts";

/** The upload that goes on, whatever view is shown; null while there is none. */
export const presentUpload = signal<Upload | null>(null);

/** Whether its sheet is open; else a bar of the frame stands for it. */
export const sheetShown = signal(false);

/** Send, commit, and show the batch. */
export async function begin(upload: Upload): Promise<void> {
  presentUpload.value = upload;
  sheetShown.value = true;
  addEventListener("beforeunload", askBeforeLeaving);
  const isCommitted = await upload.run();
  removeEventListener("beforeunload", askBeforeLeaving);
  presentUpload.value = null;
  if (!isCommitted) return;
  announce(words.peek().upload.uploaded);
  if (sheetShown.peek()) navigate(`/batches/${upload.draftId}`);
}

/** Stop sending, and remove what has arrived. */
export async function giveUp(upload: Upload): Promise<void> {
  upload.pause();
  try {
    await giveUpDraft(upload.draftId);
  } catch (thrown) {
    const problem = asProblem(thrown);
    // What has expired is gone already.
    if (problem.status !== 404) return upload.stop(problem);
  }
  upload.cancel();
}

function askBeforeLeaving(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

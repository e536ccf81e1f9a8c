import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { returns } from "../api/connection.ts";
import { type ApiProblem, asProblem } from "../api/problem.ts";
import { momentOf } from "../api/server_clock.ts";
import type { DraftSummary } from "../api/types.ts";
import { Button } from "../look/button.tsx";
import { now } from "../look/clock.ts";
import { confirmed } from "../look/confirmation.tsx";
import { Name } from "../look/name.tsx";
import { Problem } from "../look/problem.tsx";
import { isolated } from "../words/isolated.ts";
import { words, written } from "../words/words.ts";
import { giveUpDraft } from "./drafts.ts";
import { openDrafts, refreshDrafts, resumedDraft } from "./open_drafts.ts";
import { presentUpload } from "./present_upload.ts";
import "./upload.css";

/** Uploads that were cut off, to go on with or to give up. */
export function Unfinished() {
  const problem = useSignal<ApiProblem | null>(null);
  const upload = presentUpload.value;
  const attempt = async (act: () => Promise<void>): Promise<void> => {
    try {
      await act();
      problem.value = null;
    } catch (thrown) {
      problem.value = asProblem(thrown);
    }
  };
  useEffect(() => void attempt(refreshDrafts), [upload, returns.value]);
  const drafts = (openDrafts.value ?? []).filter(({ draft_id }) => draft_id !== upload?.draftId);
  if (drafts.length === 0) return problem.value && <Problem problem={problem.value} />;
  return (
    <section class="unfinished">
      <h2>{words.value.upload.unfinished}</h2>
      <ul>
        {drafts.map((draft) => (
          <Draft key={draft.draft_id} draft={draft} giveUp={() => void attempt(() => askToGiveUp(draft))} />
        ))}
      </ul>
      {problem.value && <Problem problem={problem.value} />}
    </section>
  );
}

function Draft({ draft, giveUp }: { readonly draft: DraftSummary; readonly giveUp: () => void }) {
  const say = words.value.upload;
  const { number, moment } = written.value;
  const files = say.unfinishedFiles(number(draft.received_images));
  const kept = draft.expires_at ? ` · ${say.keptUntil(moment(momentOf(draft.expires_at), now.peek()))}` : "";
  return (
    <li data-draft={draft.draft_id}>
      <Name text={draft.batch_name} />
      <span class="soft">{files + kept}</span>
      <span class="choose">
        {!presentUpload.value && <Button act={() => (resumedDraft.value = draft)}>{say.resume}</Button>}
        <Button act={giveUp}>{say.giveUp}</Button>
      </span>
    </li>
  );
}

async function askToGiveUp({ draft_id, batch_name }: DraftSummary): Promise<void> {
  const { giveUp, giveUpTitle, cancelConsequence } = words.peek().upload;
  const question = { title: giveUpTitle(isolated(batch_name)), consequence: cancelConsequence, action: giveUp };
  if (!(await confirmed(question))) return;
  try {
    await giveUpDraft(draft_id);
  } catch (thrown) {
    // It was given up elsewhere, or has expired.
    if (asProblem(thrown).status !== 404) throw thrown;
  }
  await refreshDrafts();
}

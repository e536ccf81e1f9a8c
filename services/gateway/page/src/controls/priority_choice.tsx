import { useSignal } from "@preact/signals";
import { answered, api } from "../api/client.ts";
import { type ApiProblem, asProblem } from "../api/problem.ts";
import type { BatchStatus } from "../api/types.ts";
import { PRIORITIES } from "../list/filter.ts";
import { Problem } from "../look/problem.tsx";
import { Select } from "../look/select.tsx";
import { words } from "../words/words.ts";

interface PriorityChoiceProps {
  readonly batch: BatchStatus;
  readonly changed: (status: BatchStatus) => void;
}

/** The priority of a batch: to be chosen as long as it can be changed; it keeps its place when it no more can. */
export function PriorityChoice({ batch, changed }: PriorityChoiceProps) {
  const say = words.value.controls;
  const problem = useSignal<ApiProblem | null>(null);
  // A server of an earlier release knows no such control.
  if (batch.controls.priority === undefined) return <>{say.priorities[batch.priority] ?? batch.priority}</>;
  const choose = async (chosen: string): Promise<void> => {
    const priority = PRIORITIES.find((one) => one === chosen);
    if (!priority) return;
    problem.value = null;
    try {
      const params = { path: { batch_id: batch.batch_id } };
      changed((await answered(api.POST("/pipeline/batch/{batch_id}/priority", { params, body: { priority } }))).data);
    } catch (thrown) {
      problem.value = asProblem(thrown);
    }
  };
  return (
    <>
      <Select
        aria-label={words.value.upload.priority}
        value={batch.priority}
        options={Object.entries(say.priorities)}
        choose={(chosen) => void choose(chosen)}
        disabled={batch.controls.priority === null}
      />
      {problem.value && <Problem problem={problem.value} />}
    </>
  );
}

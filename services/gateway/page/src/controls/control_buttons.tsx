import { useSignal } from "@preact/signals";
import { type ApiProblem, asProblem } from "../api/problem.ts";
import type { BatchStatus } from "../api/types.ts";
import { announce } from "../look/announcements.tsx";
import { Button } from "../look/button.tsx";
import { confirmed } from "../look/confirmation.tsx";
import { Problem } from "../look/problem.tsx";
import { isolated } from "../words/isolated.ts";
import { words } from "../words/words.ts";
import { type Control, controlsOf, perform } from "./controls.ts";
import "./controls.css";

interface ControlButtonsProps {
  readonly batch: BatchStatus;
  readonly changed: (status: BatchStatus) => void;
  readonly deleted: () => void;
}

/** A button for each thing that may be asked of the batch now; what cannot be undone asks first. */
export function ControlButtons({ batch, changed, deleted }: ControlButtonsProps) {
  const busy = useSignal<Control | null>(null);
  const problem = useSignal<ApiProblem | null>(null);
  const act = async (control: Control): Promise<void> => {
    if (busy.value || !(await mayGoOn(control, isolated(batch.batch_name)))) return;
    busy.value = control;
    problem.value = null;
    try {
      const status = await perform(control, batch.batch_id);
      announce(words.peek().controls.done[control](isolated(batch.batch_name)));
      if (status) changed(status);
      else deleted();
    } catch (thrown) {
      problem.value = asProblem(thrown);
    } finally {
      busy.value = null;
    }
  };
  return (
    <div class="controls">
      {controlsOf(batch).map((control) => (
        <Button
          key={control}
          control={control}
          act={() => void act(control)}
          busy={busy.value !== null}
          label={`${nameOf(control)}: ${isolated(batch.batch_name)}`}
        >
          {nameOf(control)}
        </Button>
      ))}
      {problem.value && <Problem problem={problem.value} />}
    </div>
  );
}

function nameOf(control: Control): string {
  const say = words.value.controls;
  return control === "delete" ? say.remove : say[control];
}

async function mayGoOn(control: Control, name: string): Promise<boolean> {
  const say = words.peek().controls;
  if (control === "cancel") {
    const question = { title: say.cancelQuestion(name), consequence: say.cancelConsequence, action: say.cancelAction };
    return confirmed(question);
  }
  if (control === "delete") {
    const question = { title: say.removeQuestion(name), consequence: say.removeConsequence, action: say.removeAction };
    return confirmed(question);
  }
  return true;
}

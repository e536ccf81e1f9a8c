import { signal } from "@preact/signals";
import { words } from "../words/words.ts";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";

interface Question {
  readonly title: string;
  readonly consequence: string;
  readonly action: string;
}

const asked = signal<(Question & { readonly answer: (confirmed: boolean) => void }) | null>(null);

/** Ask before something that cannot be undone; the answer outlives whatever the view draws anew meanwhile. */
export function confirmed(question: Question): Promise<boolean> {
  asked.value?.answer(false);
  return new Promise((resolve) => {
    const answer = (yes: boolean): void => {
      asked.value = null;
      resolve(yes);
    };
    asked.value = { ...question, answer };
  });
}

/** Stands once in the frame, and shows what is asked. */
export function Confirmation() {
  const question = asked.value;
  if (!question) return null;
  const { title, consequence, action, answer } = question;
  return (
    <Dialog title={title} close={() => answer(false)}>
      <p>{consequence}</p>
      <div class="actions">
        <Button act={() => answer(false)}>{words.value.look.goBack}</Button>
        <Button kind="danger" act={() => answer(true)}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}

import type { ComponentChildren } from "preact";
import { useErrorBoundary } from "preact/hooks";
import { Button } from "../look/button.tsx";
import { words } from "../words/words.ts";

/** A part of the page; where it cannot be shown, the sentence that says so, and the rest of the page stays. */
export function Guarded({ children }: { readonly children: ComponentChildren }) {
  const [error] = useErrorBoundary();
  if (!error) return <>{children}</>;
  const say = words.value;
  return (
    <section class="problem" role="alert">
      <p>{say.frame.notUnderstood}</p>
      <details>
        <summary>{say.look.more}</summary>
        <pre>{String(error)}</pre>
      </details>
      <Button act={() => location.reload()}>{say.frame.reload}</Button>
    </section>
  );
}

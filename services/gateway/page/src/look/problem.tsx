import { type ApiProblem, UNREACHABLE } from "../api/problem.ts";
import { words } from "../words/words.ts";
import { Button } from "./button.tsx";
import "./problem.css";

interface ProblemProps {
  readonly problem: ApiProblem;
  readonly again?: () => void;
}

/** Why something could not be had or done: the API's sentence, its details on demand, and its code for a report. */
export function Problem({ problem, again }: ProblemProps) {
  const say = words.value.look;
  return (
    <div class="problem" role="alert">
      <p>{sentenceOf(problem)}</p>
      {problem.details !== null && (
        <details>
          <summary>{say.more}</summary>
          <pre>{JSON.stringify(problem.details, null, 2)}</pre>
        </details>
      )}
      <p class="soft">
        {say.code}: <code>{problem.code}</code>
      </p>
      {again && <Button act={again}>{say.tryAgain}</Button>}
    </div>
  );
}

/** What to say to a person: the API's words, or the page's where no API answered. */
export function sentenceOf(problem: ApiProblem): string {
  const say = words.value.look;
  if (problem.code === UNREACHABLE) return say.unreachable;
  return problem.message || say.refused(String(problem.status));
}

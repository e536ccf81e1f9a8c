import { batch, signal } from "@preact/signals";
import { answered, api } from "../api/client.ts";
import { type ApiProblem, asProblem } from "../api/problem.ts";
import type { SystemStatus } from "../api/types.ts";

/** How the system is; null until it is known. */
export const status = signal<SystemStatus | null>(null);
export const problem = signal<ApiProblem | null>(null);

/** Ask how the system is; rejects if no answer can be had. */
export async function poll(): Promise<void> {
  try {
    const { data } = await answered(api.GET("/pipeline/system"));
    take(data);
  } catch (thrown) {
    problem.value = asProblem(thrown);
    throw thrown;
  }
}

/** Show a state that the stream brings. */
export function take(newest: SystemStatus): void {
  batch(() => {
    status.value = newest;
    problem.value = null;
  });
}

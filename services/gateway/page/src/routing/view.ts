import type { ComponentType } from "preact";
import { matchAddress, type Parameters } from "./addresses.ts";

export interface ViewProps {
  readonly parameters: Parameters;
}

/** What is shown at the addresses of a pattern. */
export interface View {
  readonly pattern: string;
  readonly show: ComponentType<ViewProps>;
}

/** The first view whose pattern fits, with what the address says. */
export function viewAt(views: readonly View[], path: string): { view: View; parameters: Parameters } | null {
  for (const view of views) {
    const parameters = matchAddress(view.pattern, path);
    if (parameters) return { view, parameters };
  }
  return null;
}

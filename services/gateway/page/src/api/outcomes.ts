const FINAL: ReadonlySet<string> = new Set(["completed", "failed", "revoked"]);

/** Whether an image will stay as it is; a state that this page does not know may change. */
export function isFinal(outcome: string): boolean {
  return FINAL.has(outcome);
}

/** What of a batch is heard. */
export interface Heard {
  readonly batch_id: string;
  readonly status: string;
  readonly progress_percentage: number;
  readonly failed_images: number;
}

export interface HeardWords {
  readonly started: string;
  readonly share: (percent: string) => string;
  readonly firstFailure: string;
  readonly ended: Readonly<Record<string, string>>;
}

const STEP_PERCENT = 10;

/** What a screen reader is to say of a change: the start, each 10 %, the first failure and the end. */
export function announcementOf(before: Heard | null, after: Heard, say: HeardWords): string | null {
  if (before?.batch_id !== after.batch_id) return null;
  if (before.status !== after.status)
    return say.ended[after.status] ?? (after.status === "STARTED" ? say.started : null);
  if (before.failed_images === 0 && after.failed_images > 0) return say.firstFailure;
  const steps = Math.floor(after.progress_percentage / STEP_PERCENT);
  if (steps > Math.floor(before.progress_percentage / STEP_PERCENT)) return say.share(String(steps * STEP_PERCENT));
  return null;
}

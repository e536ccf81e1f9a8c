const MINUTE_MILLISECONDS = 60_000;
/** After the last image, workers have written down all that they did. */
const SETTLED_MILLISECONDS = 2 * MINUTE_MILLISECONDS;

/** Notes when statistics have a new point: once a minute, as long as images are developed and until all are counted. */
export class NewPoints {
  #developed: number | null = null;
  #changedAt = 0;
  #readAt = 0;

  /** Whether to read them again, now that so many images were developed in all; the times are milliseconds. */
  note(developed: number, now: number): boolean {
    if (this.#developed === null) this.#readAt = now;
    if (this.#developed !== developed) this.#changedAt = now;
    this.#developed = developed;
    const isOtherMinute = Math.floor(now / MINUTE_MILLISECONDS) !== Math.floor(this.#readAt / MINUTE_MILLISECONDS);
    if (!isOtherMinute || now - this.#changedAt > SETTLED_MILLISECONDS) return false;
    this.#readAt = now;
    return true;
  }
}

const WINDOW_MILLISECONDS = 10_000;

/** Bytes per second over the last ten seconds. Times are in milliseconds, and never run back. */
export class Rate {
  #samples: { readonly at: number; readonly bytes: number }[] = [];

  /** Take note of all bytes that were sent until now. */
  note(bytes: number, at: number): void {
    this.#samples = this.#samples.filter((sample) => at - sample.at < WINDOW_MILLISECONDS);
    this.#samples.push({ at, bytes });
  }

  /** Begin anew after a pause. */
  reset(): void {
    this.#samples = [];
  }

  /** Null until there is something to tell. */
  get bytesPerSecond(): number | null {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (!first || !last || last.at - first.at < 1000 || last.bytes <= first.bytes) return null;
    return (1000 * (last.bytes - first.bytes)) / (last.at - first.at);
  }
}

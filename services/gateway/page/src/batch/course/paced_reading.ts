/** Between two requests: beside those of the grid, a viewer then costs the server two a second at most. */
export const REST_MILLISECONDS = 1000;
const FAILED_REST_MILLISECONDS = 5000;

/** What is read, and by which timers. */
export interface Reading {
  /** Read once; after how many milliseconds to go on with the same version, null if all of it is read. */
  read(): Promise<number | null>;
  after(milliseconds: number, act: () => void): () => void;
  /** Between one version and the next. */
  readonly restMilliseconds: number;
}

/** Reads each version of something that moves, or the newest of several, with one request at a time and rests between. */
export class PacedReading {
  readonly #reading: Reading;
  #wanted: number | null = null;
  #known: number | null = null;
  #isReading = false;
  #resting: (() => void) | null = null;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  /** Say of which version it is now. */
  look(version: number): void {
    this.#wanted = version;
    void this.#next();
  }

  /** Read nothing more, until the next look. */
  stop(): void {
    this.#wanted = null;
    this.#resting?.();
    this.#resting = null;
  }

  async #next(): Promise<void> {
    if (this.#isReading || this.#resting || this.#wanted === null || this.#wanted === this.#known) return;
    const version = this.#wanted;
    this.#isReading = true;
    const rest = await this.#read(version);
    this.#isReading = false;
    if (this.#wanted === null) return;
    this.#resting = this.#reading.after(rest, () => {
      this.#resting = null;
      void this.#next();
    });
  }

  async #read(version: number): Promise<number> {
    try {
      const rest = await this.#reading.read();
      if (rest === null) this.#known = version;
      return rest ?? this.#reading.restMilliseconds;
    } catch {
      // The batch's own stream says that the server is away.
      return FAILED_REST_MILLISECONDS;
    }
  }
}

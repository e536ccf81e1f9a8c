/** What places a chunk among those of a batch. */
export interface Numbered {
  readonly number: number;
  readonly generation: number;
  readonly settled: boolean;
}

/** The chunks of a batch, page by page: what has settled stays, so reading goes on from the first that has not. */
export class KnownChunks<Chunk extends Numbered> {
  readonly #byNumber = new Map<number, Chunk>();
  #cursor = "";

  /** Where the next page begins, as the API takes it. */
  get cursor(): string {
    return this.#cursor;
  }

  /** Know a page, and the cursor of the one after it; null at the end. */
  take(page: readonly Chunk[], next: string | null): void {
    for (const chunk of page) this.#byNumber.set(chunk.number, chunk);
    this.#cursor = next ?? this.#firstOpen();
  }

  /** All that are known, in the order in which the batch made them. */
  all(): readonly Chunk[] {
    return [...this.#byNumber.values()].sort((one, other) => one.number - other.number);
  }

  #firstOpen(): string {
    const chunks = this.all();
    const open = chunks.find(({ settled }) => !settled);
    const last = chunks.at(-1);
    if (open) return `${open.generation}-${open.number}`;
    return last ? `${last.generation}-${last.number + 1}` : "";
  }
}

/** What places a chunk among those of a batch, and tells whether something has become of it. */
export interface KnownChunk {
  readonly number: number;
  readonly generation: number;
  readonly settled: boolean;
  readonly worker: string | null;
  readonly completed: number;
  readonly failed: number;
}

/**
 * The chunks of a batch, page by page.
 *
 * What has settled stays: once all are known, reading goes on from the first that has not. It stays there as long as
 * that page has news, and else goes on through the later ones.
 */
export class KnownChunks<Chunk extends KnownChunk> {
  readonly #byNumber = new Map<number, Chunk>();
  #inOrder: readonly Chunk[] = [];
  #cursor = "";
  #isWhole = false;

  /** Where the next page begins, as the API takes it. */
  get cursor(): string {
    return this.#cursor;
  }

  /** Whether all pages were read once. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Know a page, and the cursor of the one after it; null at the end. */
  take(page: readonly Chunk[], next: string | null): void {
    const isNews = page.some((chunk) => hasChanged(this.#byNumber.get(chunk.number), chunk));
    for (const chunk of page) this.#byNumber.set(chunk.number, chunk);
    // Sorted once for each page: there may be a hundred thousand.
    this.#inOrder = [...this.#byNumber.values()].sort((one, other) => one.number - other.number);
    if (next === null) this.#isWhole = true;
    this.#cursor = next !== null && !(this.#isWhole && isNews) ? next : this.#firstOpen();
  }

  /** All that are known, in the order in which the batch made them. */
  all(): readonly Chunk[] {
    return this.#inOrder;
  }

  #firstOpen(): string {
    const open = this.#inOrder.find(({ settled }) => !settled);
    const last = this.#inOrder.at(-1);
    if (open) return `${open.generation}-${open.number}`;
    return last ? `${last.generation}-${last.number + 1}` : "";
  }
}

function hasChanged(before: KnownChunk | undefined, after: KnownChunk): boolean {
  if (!before || before.settled !== after.settled || before.worker !== after.worker) return true;
  return before.completed !== after.completed || before.failed !== after.failed;
}

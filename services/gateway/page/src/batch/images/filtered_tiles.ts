import { REFRESH_MILLISECONDS, type Reading, type ShownTile, type Tiles } from "./tile_pages.ts";

/** The tiles that a filter lists: as many as were looked for so far, since only looking tells which they are. */
export class FilteredTiles implements Tiles {
  readonly #reading: Reading;
  readonly #total: number;
  #tiles: readonly ShownTile[] = [];
  /** Images before it have been looked at. */
  #frontier = 0;
  #view: { readonly first: number; readonly end: number } | null = null;
  #wanted = -1;
  #known = -1;
  #isLoading = false;
  #resting: (() => void) | null = null;

  /** `total` is the number of all images, whether the filter lists them or not. */
  constructor(reading: Reading, total: number) {
    this.#reading = reading;
    this.#total = total;
  }

  /** How many are known. */
  get count(): number {
    return this.#tiles.length;
  }

  /** Whether all images have been looked at. */
  get isWhole(): boolean {
    return this.#frontier >= this.#total;
  }

  tile(place: number): ShownTile | null {
    return this.#tiles[place] ?? null;
  }

  look(first: number, end: number, version: number): void {
    this.#view = { first, end };
    this.#wanted = version;
    void this.#loadNext();
  }

  stop(): void {
    this.#view = null;
    this.#resting?.();
    this.#resting = null;
  }

  async #loadNext(): Promise<void> {
    const from = this.#nextFirst();
    if (this.#isLoading || this.#resting || from === null) return;
    const version = this.#wanted;
    const isRefresh = from < this.#frontier;
    this.#isLoading = true;
    try {
      const { images, next } = await this.#reading.load(from);
      this.#replace(from, next ?? this.#total, images);
      if (isRefresh || from === 0) this.#known = version;
      this.#reading.changed();
      if (isRefresh) this.#rest();
    } catch {
      // The batch's own stream says that the server is away.
      this.#rest();
    } finally {
      this.#isLoading = false;
    }
    void this.#loadNext();
  }

  /** The index from which to read: on to where the view ends, or else again what is in view; null for neither. */
  #nextFirst(): number | null {
    if (!this.#view) return null;
    if (!this.isWhole && this.#view.end >= this.#tiles.length) return this.#frontier;
    if (this.#wanted === this.#known) return null;
    return this.#view.first === 0 ? 0 : (this.#tiles[this.#view.first]?.index ?? 0);
  }

  #replace(from: number, end: number, images: readonly ShownTile[]): void {
    const before = this.#tiles.filter(({ index }) => index < from);
    const beyond = this.#tiles.filter(({ index }) => index >= end);
    this.#tiles = [...before, ...images, ...beyond];
    this.#frontier = Math.max(this.#frontier, end);
  }

  #rest(): void {
    this.#resting = this.#reading.after(REFRESH_MILLISECONDS, () => {
      this.#resting = null;
      void this.#loadNext();
    });
  }
}

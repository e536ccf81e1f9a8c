import { isFinal } from "../../api/outcomes.ts";

/** What the grid has to know of an image. */
export interface ShownTile {
  readonly index: number;
  readonly name: string;
  readonly state: string;
  readonly code?: string | null;
  readonly output?: string | null;
  readonly width?: number | null;
  readonly height?: number | null;
  readonly generation?: number | null;
  readonly placeholder?: string | null;
  readonly colour?: string | null;
}

export interface TilePage {
  readonly images: readonly ShownTile[];
  /** The index at which the next page begins; null at the end. */
  readonly next: number | null;
}

/** Tiles in their order, loaded as they come into view. */
export interface Tiles {
  /** The tile at a place; null while it is not loaded. */
  tile(place: number): ShownTile | null;
  /** Say what is in view, `first` <= place < `end`, and of which version the batch is. */
  look(first: number, end: number, version: number): void;
  /** Read nothing more. */
  stop(): void;
}

export const TILES_A_PAGE = 200;

const MAX_PAGES = 40;
/** Between two looks at what may have changed: with them a viewer costs the server two requests a second at most. */
export const REFRESH_MILLISECONDS = 1000;

interface KeptPage {
  readonly page: TilePage;
  /** The batch's version when it was asked for. */
  readonly version: number;
  readonly isMoving: boolean;
}

/** What pages are read with; in the browser, the API and its timers. */
export interface Reading {
  load(first: number): Promise<TilePage>;
  after(milliseconds: number, act: () => void): () => void;
  changed(): void;
}

/**
 * Tiles by index, in pages that are loaded when they come into view, at most 40 of them.
 *
 * One request is made at a time. Pages in view with images that are still pending are read again when the batch has
 * moved, one a second.
 */
export class TilePages implements Tiles {
  readonly #reading: Reading;
  readonly #pages = new Map<number, KeptPage>();
  #inView: readonly number[] = [];
  #version = 0;
  #isLoading = false;
  #resting: (() => void) | null = null;
  #failed: number | null = null;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  tile(index: number): ShownTile | null {
    return this.#pages.get(pageOf(index))?.page.images[index % TILES_A_PAGE] ?? null;
  }

  look(first: number, end: number, version: number): void {
    const pages: number[] = [];
    for (let number = pageOf(first); number * TILES_A_PAGE < end; number += 1) pages.push(number);
    this.#inView = pages;
    this.#version = Math.max(this.#version, version);
    this.#failed = null;
    void this.#loadNext();
  }

  stop(): void {
    this.#inView = [];
    this.#resting?.();
    this.#resting = null;
  }

  async #loadNext(): Promise<void> {
    if (this.#isLoading) return;
    const missing = this.#inView.find((number) => !this.#pages.has(number) && number !== this.#failed);
    const number = missing ?? (this.#resting ? undefined : this.#oldest());
    if (number === undefined) return;
    this.#isLoading = true;
    try {
      const version = this.#version;
      const page = await this.#reading.load(number * TILES_A_PAGE);
      this.#keep(number, { page, version, isMoving: !page.images.every(({ state }) => isFinal(state)) });
      this.#reading.changed();
    } catch {
      // The batch's own stream says that the server is away; the next look tries again.
      this.#failed = number;
    } finally {
      this.#isLoading = false;
    }
    if (missing === undefined) this.#rest();
    void this.#loadNext();
  }

  /** The page in view that was read longest ago of those that may have changed since. */
  #oldest(): number | undefined {
    const isOld = ([number, kept]: [number, KeptPage]): boolean =>
      kept.isMoving && kept.version < this.#version && number !== this.#failed && this.#inView.includes(number);
    // A map keeps the order of insertion, and a page is inserted whenever it was read.
    return [...this.#pages].find(isOld)?.[0];
  }

  #rest(): void {
    this.#resting = this.#reading.after(REFRESH_MILLISECONDS, () => {
      this.#resting = null;
      void this.#loadNext();
    });
  }

  #keep(number: number, kept: KeptPage): void {
    this.#pages.delete(number);
    this.#pages.set(number, kept);
    for (const old of this.#pages.keys()) {
      if (this.#pages.size <= MAX_PAGES) return;
      if (!this.#inView.includes(old)) this.#pages.delete(old);
    }
  }
}

function pageOf(index: number): number {
  return Math.floor(index / TILES_A_PAGE);
}

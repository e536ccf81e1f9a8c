/** How long work goes on before the browser may draw and answer; a person does not notice it. */
const SLICE_MILLISECONDS = 12;
const SHORTEST_PART = 4096;

/** Long work in short slices of time. */
export class Slices {
  #began = performance.now();

  /** Give way to the browser if a slice of time is used up; says whether it was. */
  async rest(): Promise<boolean> {
    if (performance.now() - this.#began < SLICE_MILLISECONDS) return false;
    await new Promise<void>((resolve) => setTimeout(resolve));
    this.#began = performance.now();
    return true;
  }
}

/** The items in order, as by `toSorted`, however many. */
export async function sortedInSlices<Item>(
  items: readonly Item[],
  compare: (one: Item, other: Item) => number,
): Promise<readonly Item[]> {
  const slices = new Slices();
  let sorted = items;
  for (let length = SHORTEST_PART; length < 2 * Math.max(items.length, SHORTEST_PART); length *= 2) {
    const parts: Item[][] = [];
    for (let first = 0; first < sorted.length; first += length) {
      // Of halves that are in order already, the browser's sorting only merges them.
      parts.push(sorted.slice(first, first + length).sort(compare));
      await slices.rest();
    }
    sorted = parts.flat();
  }
  return sorted;
}

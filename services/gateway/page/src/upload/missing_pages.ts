interface Sized {
  readonly name: string;
  readonly size: number;
}

/** The 10,000 files that one question may have; below its 4 MiB, also where names are long. */
const PAGE = { files: 10_000, characters: 1_000_000 };

/**
 * The files in pages to ask a server about. Files that share name and size stay in one page: the server tells how many
 * of them have arrived, and would count those for each page anew.
 */
export function* pagesOf<Item extends Sized>(files: readonly Item[]): Generator<Item[], void> {
  const alike = Map.groupBy(files, ({ name, size }) => `${size} ${name.normalize("NFC")}`);
  let page: Item[] = [];
  let characters = 0;
  for (const [key, items] of alike) {
    const length = items.length * key.length;
    const isFull = page.length + items.length > PAGE.files || characters + length > PAGE.characters;
    if (page.length > 0 && isFull) {
      yield page;
      page = [];
      characters = 0;
    }
    page.push(...items);
    characters += length;
  }
  if (page.length > 0) yield page;
}

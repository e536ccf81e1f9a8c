interface Readable {
  readonly open: () => Promise<Blob>;
}

/** Those of the files whose first byte the browser cannot read: removed or changed since they were chosen. */
export async function unreadableAmong<Item extends Readable>(items: readonly Item[]): Promise<Set<Item>> {
  const found = new Set<Item>();
  for (const item of items) if (!(await isReadable(item))) found.add(item);
  return found;
}

async function isReadable({ open }: Readable): Promise<boolean> {
  try {
    await (await open()).slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

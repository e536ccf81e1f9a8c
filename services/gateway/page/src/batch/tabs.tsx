import type { BatchStatus } from "../api/types.ts";
import { path, query, root } from "../routing/location.ts";
import { words, written } from "../words/words.ts";

export const TABS = ["images", "failures", "timeline"] as const;
export type Tab = (typeof TABS)[number];

/** The tab that an address names; the images if it names none that there is. */
export function tabOf(asked: URLSearchParams): Tab {
  return TABS.find((tab) => tab === asked.get("view")) ?? "images";
}

/** What can be seen of a batch, each at an address of its own. */
export function Tabs({ batch }: { readonly batch: BatchStatus }) {
  const say = words.value.batch.tabs;
  const shown = tabOf(query.value);
  return (
    <nav class="tabs" aria-label={words.value.batch.title}>
      {TABS.map((tab) => (
        <a key={tab} href={`${root}${path.value}?view=${tab}`} aria-current={tab === shown ? "page" : undefined}>
          {say[tab]} <span class="soft">{written.value.number(countOf(tab, batch))}</span>
        </a>
      ))}
    </nav>
  );
}

function countOf(tab: Tab, batch: BatchStatus): number {
  return { images: batch.total_images, failures: batch.failed_images, timeline: batch.total_chunks }[tab];
}

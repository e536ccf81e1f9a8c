import { useEffect, useRef } from "preact/hooks";
import type { BatchStatus } from "../api/types.ts";
import { useShortcuts } from "../keys/keys.ts";
import { Button } from "../look/button.tsx";
import { root } from "../routing/location.ts";
import { words } from "../words/words.ts";
import { BatchRow } from "./batch_row.tsx";
import { isLoadingMore, loadMore, nextCursor } from "./batches.ts";

/** The batches as rows; `j` and `k` go from one to the next. */
export function Rows({ batches }: { readonly batches: readonly BatchStatus[] }) {
  const say = words.value.list;
  const list = useRef<HTMLUListElement>(null);
  useShortcuts([
    { keys: "KeyJ", label: say.keys.next, act: () => moveFocus(list.current, 1) },
    { keys: "KeyK", label: say.keys.previous, act: () => moveFocus(list.current, -1) },
    {
      keys: "KeyR",
      label: say.keys.retry,
      act: () => focusedRow(list.current)?.querySelector<HTMLElement>("[data-control=retry]")?.click(),
    },
  ]);
  if (batches.length === 0) return <NothingFound />;
  return (
    <>
      <ul class="rows" ref={list}>
        {batches.map((batch) => (
          <BatchRow key={batch.batch_id} batch={batch} />
        ))}
      </ul>
      {nextCursor.value && <Older />}
    </>
  );
}

function NothingFound() {
  const say = words.value.list;
  return (
    <p>
      {say.nothingFound} <a href={`${root}/`}>{say.showAll}</a>
    </p>
  );
}

/** Loads older batches as soon as it comes near the window. */
function Older() {
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const observer = new IntersectionObserver((seen) => seen.some((entry) => entry.isIntersecting) && void loadMore(), {
      rootMargin: "400px",
    });
    if (end.current) observer.observe(end.current);
    return () => observer.disconnect();
  }, []);
  return (
    <div class="older" ref={end}>
      <Button act={() => void loadMore()} busy={isLoadingMore.value}>
        {words.value.list.older}
      </Button>
    </div>
  );
}

function focusedRow(list: HTMLElement | null): Element | null {
  return list?.contains(document.activeElement) ? (document.activeElement?.closest("li") ?? null) : null;
}

function moveFocus(list: HTMLElement | null, step: 1 | -1): void {
  const row = focusedRow(list);
  const next =
    step === 1 ? (row?.nextElementSibling ?? (row ? null : list?.firstElementChild)) : row?.previousElementSibling;
  next?.querySelector<HTMLElement>("a")?.focus();
}

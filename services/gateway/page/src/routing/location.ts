import { computed, signal } from "@preact/signals";
import { changedQuery, withoutRoot } from "./addresses.ts";

/** The path under which a proxy publishes the server, without a slash at its end; mostly empty. */
export const root = document.documentElement.dataset.root ?? "";

const shown = signal(new URL(location.href));

/** The address that is shown: its path without the root, and its query. */
export const path = computed(() => withoutRoot(root, shown.value.pathname));
export const query = computed(() => shown.value.searchParams);

/** Show the view at an address such as `/batches/3f0f?view=failures`. */
export function navigate(address: string): void {
  history.pushState(null, "", root + address);
  shown.value = new URL(location.href);
  scrollTo(0, 0);
}

/** Change values of the query in place, without a step in the history: what is typed into a filter makes none. */
export function changeQuery(changes: Readonly<Record<string, string | null>>): void {
  history.replaceState(null, "", location.pathname + changedQuery(location.search, changes));
  shown.value = new URL(location.href);
}

/** Follow links of the page without loading it anew, and the browser's buttons for back and forward. */
export function followLinks(addressesOfPage: (path: string) => boolean): void {
  addEventListener("popstate", () => {
    shown.value = new URL(location.href);
  });
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link || event.defaultPrevented || event.button !== 0 || isModified(event)) return;
    if (link.target || link.hash || link.hasAttribute("download") || link.origin !== location.origin) return;
    const inside = withoutRoot(root, link.pathname);
    if (!addressesOfPage(inside)) return;
    event.preventDefault();
    navigate(inside + link.search);
  });
}

function isModified(event: MouseEvent): boolean {
  return event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
}

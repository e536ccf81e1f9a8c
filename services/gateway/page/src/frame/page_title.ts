import { useLayoutEffect } from "preact/hooks";

/** Have the browser's tab and its history say what is shown. */
export function usePageTitle(title: string): void {
  // With the view itself: whoever hears the title read must not hear the one before.
  useLayoutEffect(() => {
    document.title = `${title} · Darkroom`;
  }, [title]);
}

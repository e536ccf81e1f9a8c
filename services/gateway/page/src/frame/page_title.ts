import { useEffect } from "preact/hooks";

/** Have the browser's tab and its history say what is shown. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Darkroom`;
  }, [title]);
}

import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { usePlaceInWindow } from "../look/window_place.ts";
import { heightsOf, type Piece, windowed } from "./row_window.ts";

/** Of a row that none was measured of yet, in CSS pixels. */
const USUAL_HEIGHT = 82;

/** Which rows of a list to draw; a row is an element with its id as `data-batch`. */
export function useRowWindow(list: { readonly current: HTMLElement | null }, ids: readonly string[]): Piece[] {
  const place = usePlaceInWindow(list);
  const measured = useRef(new Map<string, number>()).current;
  const measurements = useSignal(0);
  const focused = useSignal<string | null>(null);
  useLayoutEffect(() => {
    let isChanged = false;
    for (const row of list.current?.querySelectorAll<HTMLElement>("[data-batch]") ?? []) {
      const { batch = "" } = row.dataset;
      const height = row.getBoundingClientRect().height;
      isChanged ||= measured.get(batch) !== height;
      measured.set(batch, height);
    }
    if (isChanged) measurements.value += 1;
  });
  // A row of another width has another height.
  useEffect(() => () => measured.clear(), [place.width]);
  // With the rows' first frame: an effect would come after it, and miss a focus that was moved between.
  useLayoutEffect(() => {
    const element = list.current;
    const look = ({ target }: FocusEvent): void => {
      const row = target instanceof Element ? target.closest<HTMLElement>("[data-batch]") : null;
      focused.value = row?.dataset.batch ?? null;
    };
    element?.addEventListener("focusin", look);
    return () => element?.removeEventListener("focusin", look);
  }, []);
  return windowed(heightsOf(ids, measured, USUAL_HEIGHT), place, ids.indexOf(focused.value ?? ""));
}

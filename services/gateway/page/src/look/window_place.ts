import { useSignal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";

/** Where the window stands over an element, in CSS pixels: `top` is below its upper edge, negative above it. */
export interface WindowPlace {
  readonly top: number;
  readonly width: number;
  readonly windowHeight: number;
}

/** The window's place over an element; whoever reads it is drawn anew when one scrolls or the width changes. */
export function usePlaceInWindow(element: { readonly current: HTMLElement | null }): WindowPlace {
  const place = useSignal<WindowPlace>({ top: 0, width: 0, windowHeight: 0 });
  // Before the browser draws, or what is drawn first would move at once.
  useLayoutEffect(() => {
    let frame = 0;
    const look = (): void => {
      frame = 0;
      const box = element.current?.getBoundingClientRect();
      // An element that is hidden has no width, and nothing of it is to be drawn.
      if (box?.width) place.value = { top: -box.top, width: box.width, windowHeight: innerHeight };
    };
    // At most one look for each picture that the browser draws.
    const plan = (): void => {
      frame ||= requestAnimationFrame(look);
    };
    const observer = new ResizeObserver(plan);
    if (element.current) observer.observe(element.current);
    addEventListener("scroll", plan, { passive: true });
    addEventListener("resize", plan);
    look();
    return () => {
      observer.disconnect();
      removeEventListener("scroll", plan);
      removeEventListener("resize", plan);
      cancelAnimationFrame(frame);
    };
  }, []);
  return place.value;
}

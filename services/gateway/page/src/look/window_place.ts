import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** Where the window stands over an element, in CSS pixels: `top` is below its upper edge, negative above it. */
export interface WindowPlace {
  readonly top: number;
  readonly width: number;
  readonly windowHeight: number;
}

/** The window's place over an element; whoever reads it is drawn anew when one scrolls or the width changes. */
export function usePlaceInWindow(element: { readonly current: HTMLElement | null }): WindowPlace {
  const place = useSignal<WindowPlace>({
    top: 0,
    width: document.documentElement.clientWidth - 32,
    windowHeight: innerHeight,
  });
  useEffect(() => {
    let frame = 0;
    const look = (): void => {
      frame = 0;
      const box = element.current?.getBoundingClientRect();
      if (box) place.value = { top: -box.top, width: box.width, windowHeight: innerHeight };
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

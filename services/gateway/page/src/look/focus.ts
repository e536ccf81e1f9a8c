const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]";

/**
 * Keep the focus on the page: where the element that has it is removed, what stands nearest gets it.
 *
 * A browser gives it to nothing, and the next Tab begins at the top of the page.
 */
export function keepFocus(): void {
  let trail: readonly Node[] = [];
  document.addEventListener("focusin", ({ target }) => {
    if (target instanceof Node) trail = withAncestors(target);
  });
  new MutationObserver((changes) => {
    if (document.activeElement !== document.body || trail[0]?.isConnected !== false) return;
    const heir = candidates(trail, changes).flatMap(focusableIn).find(takesFocus);
    if (!heir) mainPart()?.focus({ preventScroll: true });
  }).observe(document.body, { childList: true, subtree: true });
}

/** Where the focus may go, the best first: to what came in the place, to its neighbours, to what is around it. */
function candidates(trail: readonly Node[], changes: readonly MutationRecord[]): Node[] {
  const place = trail.findIndex((node) => node.isConnected);
  const around = trail.slice(place, trail.indexOf(document.body));
  const [holder] = around;
  // Of a whole view that is another, the beginning.
  if (!holder || holder === mainPart()) return [];
  const beside = changes.filter(({ target }) => target === holder);
  const removal = beside.find(({ removedNodes }) => Array.from(removedNodes).some((node) => trail.includes(node)));
  const neighbours = [removal?.nextSibling, removal?.previousSibling].filter((node) => node instanceof Node);
  const came = beside.flatMap(({ addedNodes }) => Array.from(addedNodes));
  return [...came.filter((node) => isBeside(node, neighbours)), ...neighbours, ...around];
}

/** Whether a node is one of these or next to one; a row that scrolling brings stands at the other end. */
function isBeside(node: Node, neighbours: readonly Node[]): boolean {
  return [node, node.previousSibling, node.nextSibling].some((near) => near && neighbours.includes(near));
}

function focusableIn(node: Node): HTMLElement[] {
  if (!(node instanceof HTMLElement)) return [];
  return node.matches(FOCUSABLE) ? [node] : [...node.querySelectorAll<HTMLElement>(FOCUSABLE)];
}

/** Focus an element; false if it cannot have the focus, because it is hidden or gone. */
function takesFocus(element: HTMLElement): boolean {
  element.focus({ preventScroll: true });
  return document.activeElement === element;
}

function withAncestors(node: Node): Node[] {
  const found: Node[] = [];
  for (let next: Node | null = node; next; next = next.parentNode) found.push(next);
  return found;
}

function mainPart(): HTMLElement | null {
  return document.querySelector("main");
}

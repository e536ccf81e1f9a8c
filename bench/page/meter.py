"""What the browser says of a page while it is used: when it painted, what moved, long tasks, and how many nodes."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, CDPSession, Page

_OBSERVERS = """
(() => {
  const measured = (globalThis.measured = { shift: 0, longestTask: 0, longTasks: 0, nodes: 0 });
  const observe = (type, take) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  observe("layout-shift", (entry) => {
    if (!entry.hadRecentInput) measured.shift += entry.value;
  });
  observe("longtask", ({ duration }) => {
    measured.longTasks += 1;
    measured.longestTask = Math.max(measured.longestTask, duration);
  });
  const count = () => {
    const walker = document.createTreeWalker(document, NodeFilter.SHOW_ALL);
    let nodes = 1;
    while (walker.nextNode()) nodes += 1;
    measured.nodes = Math.max(measured.nodes, nodes);
  };
  // Every change of the document is followed by a look before the browser draws.
  new MutationObserver(count).observe(document, { childList: true, subtree: true });
})();
"""


class Meter:
    """A page, and what is measured on it from its first byte on. Times are in milliseconds."""

    def __init__(self, page: Page, devtools: CDPSession) -> None:
        self.page = page
        self.devtools = devtools

    async def read(self) -> dict[str, float]:
        """`shift`, `longestTask`, `longTasks` and the most `nodes` so far."""
        found: dict[str, float] = json.loads(await self.evaluate("JSON.stringify(measured)"))
        return found

    async def forget(self) -> None:
        """Begin to measure anew on the same page."""
        await self.evaluate("Object.assign(measured, { shift: 0, longestTask: 0, longTasks: 0, nodes: 0 })")

    async def evaluate(self, expression: str) -> Any:
        """The value of an expression in the page; unlike Playwright's, it is not kept out by the page's policy."""
        request = {"expression": expression, "returnByValue": True, "awaitPromise": True}
        answer = await self.devtools.send("Runtime.evaluate", request)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    async def heap_megabytes(self) -> float:
        """What the page's script holds, after everything has gone that nothing leads to."""
        await self.devtools.send("HeapProfiler.collectGarbage")
        used: float = (await self.devtools.send("Runtime.getHeapUsage"))["usedSize"]
        return used / 1e6


@asynccontextmanager
async def measured_page(browser: Browser) -> AsyncIterator[Meter]:
    """Open an empty page with a cache of its own, and have it measured whatever it shows."""
    context = await browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    await context.add_init_script(_OBSERVERS)
    page = await context.new_page()
    try:
        yield Meter(page, await context.new_cdp_session(page))
    finally:
        await context.close()

"""What a batch of very many images costs the browser: its grid scrolled through, and watched while it goes on."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from urllib.parse import urlsplit

from playwright.async_api import Browser, Request, expect

from bench.page.browser_memory import Megabytes, peak_memory, read_memory
from bench.page.meter import Meter, measured_page
from bench.report import Section

SCROLL_SECONDS = 120.0
"""For all of the grid: at 100,000 images and 60 pictures a second, half a window from one to the next."""

WATCHED_SECONDS = 30.0
SETTLING_SECONDS = 2.0

_SCROLL = """
new Promise((ended) => {{
  const began = performance.now();
  let steps = 0;
  const step = () => {{
    const share = (performance.now() - began) / {milliseconds};
    scrollTo(0, share * document.documentElement.scrollHeight);
    steps += 1;
    if (share < 1) requestAnimationFrame(step);
    else ended(steps);
  }};
  step();
}})
"""


async def scrolled(browser: Browser, address: str) -> Section:
    """Scroll from the first image to the last, and say what the browser took beyond an empty page."""
    devtools = await browser.new_browser_cdp_session()
    async with measured_page(browser) as meter:
        await asyncio.sleep(SETTLING_SECONDS)
        empty = await read_memory(devtools)
        await meter.page.goto(address)
        await expect(meter.page.locator(".cell img").first).to_be_visible()
        await meter.forget()
        scrolling = asyncio.create_task(_scroll(meter), name="scrolling")
        peak = (await peak_memory(devtools, scrolling)).beyond(empty)
        measured = await meter.read()
        heap = await meter.heap_megabytes()
        await asyncio.sleep(SETTLING_SECONDS)
        after = (await read_memory(devtools)).beyond(empty)
    return _scrolling_table(scrolling.result(), measured, heap, peak, after)


def _scrolling_table(steps: int, measured: dict[str, float], heap: float, peak: Megabytes, after: Megabytes) -> Section:
    rows = (
        ("most nodes in the document, texts included", f"{measured['nodes']:,.0f}", "2,500"),
        ("browser's memory beyond an empty page's, at most, MB", f"{peak.browser:.0f}", "200"),
        ("of it the page's process", f"{peak.renderers:.0f}", ""),
        ("browser's memory beyond an empty page's at the end, MB", f"{after.browser:.0f}", "200"),
        ("of it the page's process", f"{after.renderers:.0f}", ""),
        ("of it held by script", f"{heap:.1f}", ""),
        ("longest task, ms", f"{measured['longestTask']:.0f}", "200"),
        ("layout shift", f"{measured['shift']:.3f}", "0"),
    )
    return Section(
        f"All images scrolled through in {steps:,} steps within {SCROLL_SECONDS:.0f} s",
        ("what", "result", "at most"),
        rows,
    )


async def _scroll(meter: Meter) -> int:
    """Scroll to the end; how many steps it took."""
    steps: int = await meter.evaluate(_SCROLL.format(milliseconds=SCROLL_SECONDS * 1000))
    return steps


async def watched(browser: Browser, address: str, develop: Callable[[], Coroutine[None, None, None]]) -> Section:
    """Watch a batch that goes on, where images are being waited for, and count requests."""
    async with measured_page(browser) as meter:
        asked: list[tuple[float, str]] = []
        await meter.page.goto(address)
        await expect(meter.page.locator(".cell.pending").first).to_be_visible()
        await asyncio.sleep(SETTLING_SECONDS)
        await meter.forget()
        meter.page.on("request", lambda request: asked.append((time.monotonic(), _kind(request))))
        going_on = asyncio.create_task(develop(), name="develop")
        began = time.monotonic()
        await asyncio.wait([going_on], timeout=WATCHED_SECONDS)
        seconds = time.monotonic() - began
        going_on.cancel()
        with suppress(asyncio.CancelledError):
            await going_on
        measured = await meter.read()
    return _watching_table(asked, seconds, measured)


def _watching_table(asked: list[tuple[float, str]], seconds: float, measured: dict[str, float]) -> Section:
    questions = Counter(int(moment) for moment, kind in asked if kind != "print")
    prints = sum(kind == "print" for _, kind in asked)
    rows = (
        ("requests a second, without prints", f"{questions.total() / seconds:.2f}", "2"),
        ("the most of them in one second", f"{max(questions.values(), default=0)}", "2"),
        ("prints loaded a second, each once", f"{prints / seconds:.2f}", ""),
        ("longest task, ms", f"{measured['longestTask']:.0f}", "200"),
        ("layout shift", f"{measured['shift']:.3f}", "0"),
    )
    return Section(f"A running batch watched for {seconds:.0f} s", ("what", "result", "at most"), rows)


def _kind(request: Request) -> str:
    return "print" if request.resource_type == "image" else urlsplit(request.url).path

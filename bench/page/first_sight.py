"""How soon a view is seen, and whether anything on it moves, each time with an empty cache."""

from statistics import median

from playwright.async_api import Browser, expect

from bench.page.meter import Meter, measured_page
from bench.report import Section

_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
_KILOBYTES = """
performance.getEntriesByType("resource")
  .filter(({ initiatorType, name }) => ["script", "link"].includes(initiatorType) && name.endsWith("%s"))
  .reduce((sum, { transferSize }) => sum + transferSize, 0) / 1000
"""


async def first_sights(browser: Browser, views: dict[str, tuple[str, str]], rounds: int) -> Section:
    """Each view is opened in each round; `views` are addresses, with what is there once all is shown."""
    rows = []
    for name, (address, mark) in views.items():
        sights = [await _sight(browser, address, mark) for _ in range(rounds)]
        paints, shifts, scripts, styles = zip(*sights, strict=True)
        rows.append(
            (
                name,
                f"{median(paints):.0f}",
                f"{max(paints):.0f}",
                f"{max(shifts):.3f}",
                f"{max(scripts):.1f}",
                f"{max(styles):.1f}",
            )
        )
    columns = ("view", "first paint, ms", "longest", "layout shift", "script, kB", "CSS, kB")
    return Section(f"First sight, {rounds} times each with an empty cache", columns, tuple(rows))


async def _sight(browser: Browser, address: str, mark: str) -> tuple[float, float, float, float]:
    async with measured_page(browser) as meter:
        await meter.page.goto(address)
        await expect(meter.page.locator(mark).first).to_be_visible(timeout=30_000)
        await pictures_shown(meter)
        measured = await meter.read()
        sizes = [await meter.evaluate(_KILOBYTES % ending) for ending in (".js", ".css")]
        return await meter.evaluate(_PAINT), measured["shift"], sizes[0], sizes[1]


async def pictures_shown(meter: Meter) -> None:
    """Return once every picture of the document is loaded, and the browser has drawn it."""
    for image in await meter.page.locator("img").all():
        await expect(image).to_have_js_property("complete", True)
    await meter.evaluate("new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(() => seen(1))))")

"""Whether the page is laid out soundly in each view, theme, language and size, found by its structure."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.browser.layout_faults import COLLECT_BOXES, Box, layout_faults
from tests.browser.looks import LOOKS, NEXT_FRAME, WIDER_THAN_WINDOW, Look, each_look, shared_out
from tests.browser.sheets import SHEETS, show_sheet
from tests.processes import RunningDarkroom, wait_until

NAME = "제주 여행 " + "아주긴이름" * 12
MISSING_GLYPHS = (Path(__file__).parent / "missing_glyphs.js").read_text()
MAX_SHIFT = 0.02
"""Share of the window, times share of its height, by which all that has moved did so; browsers call 0.1 good."""

RECORD_SHIFTS = """
globalThis.shifts = [];
new PerformanceObserver((list) => {
  for (const { hadRecentInput, value, sources } of list.getEntries())
    if (!hadRecentInput) shifts.push([value, ...sources.map(({ node }) => (node?.outerHTML ?? "").slice(0, 120))]);
}).observe({ type: "layout-shift", buffered: true });
"""


@dataclass(frozen=True)
class View:
    """An address, what is there once it is drawn, and what to press then."""

    path: str
    mark: str
    press: str | None = None


VIEWS = {
    "list": View("/", ".row"),
    "help": View("/", ".row", ".choices button:last-child"),
    "nothing found": View("/?q=none", ".list p a"),
    "batch": View("/batches/{batch}", ".cell img"),
    "question": View("/batches/{batch}", ".cell img", "[data-control=delete]"),
    "failures": View("/batches/{batch}?view=failures", ".cause"),
    "image": View("/batches/{batch}/images/0", ".comparison img"),
    "failed image": View("/batches/{batch}/images/{failed}", ".image-outcome"),
    "system": View("/system", "[data-worker]"),
    "statistics": View("/system", ".charts", "[data-control=table]"),
    "recipes": View("/recipes", "[data-recipe=web]"),
    "recipe": View("/recipes/web", ".sample.empty"),
    "no such batch": View("/batches/00000000-0000-4000-8000-000000000000", ".problem"),
}


@pytest.fixture(scope="module")
def shown(darkroom: RunningDarkroom, folder: list[Path]) -> dict[str, Any]:
    """What the views are of: a batch with a long name, and a draft that was left."""
    with httpx.Client(base_url=darkroom.base_url, timeout=60) as client:
        files = [("files", (path.name, path.read_bytes())) for path in folder]
        batch = client.post("/pipeline/batch", data={"batch_name": NAME}, files=files).json()["data"]["batch_id"]
        client.post("/pipeline/batch?draft=true", json={"batch_name": NAME}).raise_for_status()
        address = f"/pipeline/batch/{batch}"
        wait_until(lambda: client.get(address).json()["data"]["finished_at"], "the batch has ended")
        failed, completed = (
            [image["index"] for image in client.get(f"{address}/images?outcome={outcome}").json()["data"]["images"]]
            for outcome in ("failed", "completed")
        )
        return {"batch": batch, "failed": failed[0], "completed": completed}


async def faults(page: Page) -> list[str]:
    """What is wrong with what is drawn."""
    found = layout_faults(Box.model_validate(box) for box in await page.evaluate(COLLECT_BOXES))
    wide = await page.evaluate(WIDER_THAN_WINDOW)
    return [*found, f"{wide} px wider than the window"] if wide > 0 else found


@pytest.mark.parametrize(("name", "looks"), shared_out([*VIEWS, *SHEETS]))
async def test_no_view_has_a_fault_of_layout(
    browser: Browser,
    darkroom: RunningDarkroom,
    shown: dict[str, Any],
    folder: list[Path],
    name: str,
    looks: Sequence[Look],
) -> None:
    """No overlap, no cut text, no target too small for a finger, no missing letter, nothing wider than the window."""
    view = VIEWS.get(name, VIEWS["list"])
    found: list[str] = []

    async def show(page: Page) -> None:
        await page.goto(darkroom.base_url + view.path.format(**shown))
        await expect(page.locator(view.mark).first).to_be_visible()
        if view.press:
            await page.locator(view.press).first.click()
        if name in SHEETS:
            await show_sheet(page, folder, name)
        found.extend(f"no font has {character!r}" for character in await page.evaluate(MISSING_GLYPHS))

    async for look, page in each_look(browser, looks, show):
        found += [f"{look}: {fault}" for fault in await faults(page)]
    assert found == []


def test_each_two_of_language_theme_and_size_come_together_over_the_views() -> None:
    """Also where not every view is looked at in every way."""
    own = [parameters.values[1] for parameters in shared_out([*VIEWS, *SHEETS]) if not parameters.marks]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        wanted = {(look[one], look[other]) for look in LOOKS}
        assert {(look[one], look[other]) for (look,) in own} == wanted


async def end_of(client: httpx.AsyncClient, address: str) -> dict[str, Any]:
    """The batch once it has ended; TimeoutError if it does not."""
    async with asyncio.timeout(60):
        while not (batch := (await client.get(address)).json()["data"])["finished_at"]:  # noqa: ASYNC110 - another process ends it
            await asyncio.sleep(0.1)
    ended: dict[str, Any] = batch
    return ended


@pytest.mark.parametrize("name", ["list", "batch", "failures", "system"])
async def test_next_to_nothing_moves_while_live_data_come(
    browser: Browser, darkroom: RunningDarkroom, shown: dict[str, Any], name: str
) -> None:
    """From the first paint on, until a batch has been developed again before a person's eyes."""
    address = f"/pipeline/batch/{shown['batch']}"
    page = await browser.new_page(viewport={"width": 1280, "height": 900})
    await page.add_init_script(RECORD_SHIFTS)
    async with httpx.AsyncClient(base_url=darkroom.base_url, timeout=60) as client:
        await page.goto(darkroom.base_url + VIEWS[name].path.format(**shown))
        await expect(page.locator(VIEWS[name].mark).first).to_be_visible()
        rate = page.locator("[data-worker] [data-figure=images_per_second]").first
        before = await rate.inner_text() if name == "system" else ""
        (await client.post(f"{address}/retry", json={"indexes": shown["completed"]})).raise_for_status()
        if name == "system":
            await expect(rate).not_to_have_text(before)
        else:
            # By its version: it may have run and ended between two looks of the browser.
            ended = await end_of(client, address)
            again = page.locator("[data-batch][data-version]").first
            await expect(again).to_have_attribute("data-version", str(ended["version"]), timeout=60_000)
    await page.evaluate(NEXT_FRAME)
    moved = await page.evaluate("shifts")
    await page.close()
    assert sum(value for value, *_ in moved) < MAX_SHIFT, moved


async def test_nothing_moves_when_a_cause_goes_with_its_retry(
    browser: Browser, darkroom: RunningDarkroom, shown: dict[str, Any]
) -> None:
    """It stays in its place without images; on a phone, where its button stands below it, as well."""

    async def without_first(route: Route) -> None:
        answer = await (await route.fetch()).json()
        answer["data"]["failures"] = answer["data"]["failures"][1:]
        await route.fulfill(json=answer)

    address = f"/pipeline/batch/{shown['batch']}"
    page = await browser.new_page(viewport={"width": 360, "height": 740})
    await page.add_init_script(RECORD_SHIFTS)
    await page.goto(darkroom.base_url + VIEWS["failures"].path.format(**shown))
    causes = page.locator(".cause")
    await expect(causes).to_have_count(2)
    codes = [await cause.get_attribute("data-code") for cause in await causes.all()]
    await page.route("**/failures", without_first)
    await page.evaluate("shifts.length = 0")
    async with httpx.AsyncClient(base_url=darkroom.base_url, timeout=60) as client:
        (await client.post(f"{address}/retry", json={"codes": codes[:1]})).raise_for_status()
        ended = await end_of(client, address)
        await expect(page.locator(".batch")).to_have_attribute("data-version", str(ended["version"]), timeout=60_000)
    await expect(causes.first.locator("[data-figure]")).to_have_text("0")
    await expect(causes.first.locator(".button.main")).to_have_attribute("aria-disabled", "true")
    assert [await cause.get_attribute("data-code") for cause in await causes.all()] == codes
    await page.evaluate(NEXT_FRAME)
    moved = await page.evaluate("shifts")
    await page.close()
    assert moved == []

"""Whether everybody can use the page: axe on each view, theme, language and size, and nothing wider than the window."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, Page, expect

from tests.browser.batches import developed
from tests.browser.looks import WIDER_THAN_WINDOW, Look, each_look, shared_out
from tests.browser.sheets import SHEETS, show_sheet
from tests.processes import RunningDarkroom

SERIOUS = {"serious", "critical"}
OPTIONS = {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]}
PROOF_MILLISECONDS = 30_000

VIEWS = {
    "list": ("/", ".row"),
    "batch": ("/batches/{batch}", ".cell img"),
    "failed images": ("/batches/{batch}?outcome=failed&as=list", "tr[data-image]"),
    "failures": ("/batches/{batch}?view=failures", ".cause"),
    "timeline": ("/batches/{batch}?view=timeline", "[data-lane]"),
    "image": ("/batches/{batch}/images/0", ".comparison img"),
    "recipes": ("/recipes", "[data-recipe=web]"),
    "recipe": ("/recipes/social?batch={batch}&image=0", "[data-proof=completed] .comparison img"),
    "JSON": ("/recipes/social?view=json&batch={batch}&image=0", "[data-proof=completed] .comparison img"),
    "no sample": ("/recipes/social", ".sample.empty"),
    "system": ("/system", "[data-worker]"),
}
"""The address of each, and what is there once it is drawn."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def batch(darkroom: RunningDarkroom, folder: list[Path]) -> str:
    """The id of a batch whose images have ended in every way."""
    return await developed(darkroom.base_url, "제주 여행", folder)


@pytest.mark.parametrize(("view", "looks"), shared_out([*VIEWS, *SHEETS]))
async def test_axe_finds_nothing_serious(
    browser: Browser, darkroom: RunningDarkroom, batch: str, folder: list[Path], view: str, looks: Sequence[Look]
) -> None:
    """And the view is not wider than its window."""
    path, mark = VIEWS.get(view, ("/", ".row"))
    found: list[str] = []

    async def show(page: Page) -> None:
        await page.goto(darkroom.base_url + path.format(batch=batch))
        await expect(page.locator(mark).first).to_be_visible(timeout=PROOF_MILLISECONDS)
        if view in SHEETS:
            await show_sheet(page, folder, view)
        await page.evaluate(AXE_SCRIPT)

    async for look, page in each_look(browser, looks, show):
        results = await page.evaluate("options => axe.run(options)", OPTIONS)
        found += [
            f"{look}: {violation['id']} {[node['html'][:160] for node in violation['nodes'][:2]]}"
            for violation in results["violations"]
            if violation["impact"] in SERIOUS
        ]
        wide = await page.evaluate(WIDER_THAN_WINDOW)
        if wide > 0:
            found.append(f"{look}: {wide} px wider than the window")
    assert found == []

"""Whether everybody can use the page: axe on each view, theme, language and size, and nothing wider than the window."""

from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Watched
from tests.browser.sheets import begin_paused_upload, cancel_upload, hide_upload, open_new_batch
from tests.browser.test_journeys import upload
from tests.processes import RunningDarkroom

SIZES = ((1280, 900), (768, 1000), (360, 740))
SERIOUS = {"serious", "critical"}
RULES = {"rules": {"target-size": {"enabled": True}}}


async def findings(page: Page) -> list[str]:
    """What axe finds that is serious, and by how much the page is wider than its window."""
    results = await Axe().run(page, options=RULES)
    found = [
        f"{violation['id']} {[node['html'][:160] for node in violation['nodes'][:2]]}"
        for violation in results.response["violations"]
        if violation["impact"] in SERIOUS
    ]
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*found, f"{wide} px wider than the window"] if wide > 0 else found


@pytest.mark.parametrize("language", ["ko-KR", "en-US"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious_on_any_view(
    browser: Browser,
    darkroom: RunningDarkroom,
    watched: Watched,
    folder: list[Path],
    scheme: Literal["light", "dark"],
    language: str,
) -> None:
    """In each size; and no view is wider than its window."""
    batch_id = await upload(watched, folder, f"{scheme} {language}")
    found: list[str] = []
    for width, height in SIZES:
        context = await browser.new_context(
            locale=language, color_scheme=scheme, viewport={"width": width, "height": height}
        )
        page = await context.new_page()
        for path, mark in (
            ("/", ".row"),
            (f"/batches/{batch_id}", ".cell img"),
            (f"/batches/{batch_id}?outcome=failed&as=list", "tr[data-image]"),
            (f"/batches/{batch_id}?view=failures", ".cause"),
            (f"/batches/{batch_id}?view=timeline", "[data-lane]"),
            (f"/batches/{batch_id}/images/0", ".comparison img"),
            ("/recipes", "[data-recipe=web]"),
            (f"/recipes/social?batch={batch_id}&image=0", "[data-proof=completed] .comparison img"),
            (f"/recipes/social?view=json&batch={batch_id}&image=0", "[data-proof=completed] .comparison img"),
            ("/recipes/social", ".sample.empty"),
            ("/system", "[data-worker]"),
        ):
            await page.goto(darkroom.base_url + path)
            await expect(page.locator(mark).first).to_be_visible()
            found += [f"{path} {width}: {finding}" for finding in await findings(page)]
        await page.goto(darkroom.base_url)
        await open_new_batch(page, folder)
        found += [f"new batch {width}: {finding}" for finding in await findings(page)]
        await begin_paused_upload(page)
        found += [f"upload {width}: {finding}" for finding in await findings(page)]
        await hide_upload(page)
        found += [f"upload bar {width}: {finding}" for finding in await findings(page)]
        await cancel_upload(page)
        await context.close()
    assert found == []

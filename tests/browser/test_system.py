"""What a person sees of the system, in a real browser."""

from pathlib import Path

import httpx
from playwright.async_api import expect

from tests.browser.conftest import Watched


async def test_the_system_is_shown_live_by_one_stream(watched: Watched, folder: list[Path]) -> None:
    """Parts, workers and queues as the API has them; what changes is brought, and nothing is asked for again."""
    asked: list[str] = []
    watched.page.on("request", lambda request: asked.append(request.url.removeprefix(watched.address)))
    page = await watched.open("/system")
    await expect(page.locator(".live-dot.live")).to_be_visible()
    await expect(page.locator("[data-figure=ready]").first).to_contain_text("✓")
    rate = page.locator("[data-worker] [data-figure=images_per_second]").first
    before = await rate.inner_text()
    async with httpx.AsyncClient(base_url=watched.address) as client:
        status = (await client.get("/pipeline/system")).json()["data"]
        files = [("files", (path.name, path.read_bytes())) for path in folder]
        (await client.post("/pipeline/batch", data={"batch_name": "live"}, files=files)).raise_for_status()
    for attribute, names in (
        ("part", list(status["parts"])),
        ("worker", [worker["id"] for worker in status["workers"]]),
        ("queue", [queue["name"] for queue in status["queues"]]),
    ):
        shown = await page.locator(f"[data-{attribute}]").evaluate_all(
            f"all => all.map(one => one.dataset.{attribute})"
        )
        assert shown == names
    await expect(rate).not_to_have_text(before, timeout=30_000)
    assert asked.count("/pipeline/events?topics=system") == 1
    assert asked.count("/pipeline/system") == 1

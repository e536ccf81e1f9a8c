"""What a person sees of the system, in a real browser."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
from playwright.async_api import Route, expect

from tests.browser.conftest import Watched

MISSING = "\N{EN DASH}"


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
    assert asked.count("/pipeline/events?topics=system&heartbeat=true") == 1
    assert asked.count("/pipeline/system") == 1


def statistics(points: int, step: int) -> dict[str, object]:
    """An answer of the API, with figures that are all different, and an hour in which nothing was done."""
    return {
        "step": step,
        "points": [
            {
                "at": f"2026-11-30T{hour:02}:00:00Z",
                "developed": 1200 + hour,
                "failed": hour,
                "bytes_in": 1,
                "bytes_out": 1,
                "p50_ms": 80 + hour if hour else None,
                "p95_ms": 240 + hour if hour else None,
                "busy_share": hour / 100 if hour else None,
            }
            for hour in range(points)
        ],
        "failures_by_code": {"timeout": 3, "<b>": 4000},
        "by_recipe": {
            "제주": {"batches": 4, "completed_images": 5, "failed_images": 6, "revoked_images": 7},
        },
        "batches": {
            "finished": 11,
            "succeeded": 12,
            "failed": 13,
            "revoked": 14,
            "completed_images": 5,
            "failed_images": 6,
            "revoked_images": 7,
            "mean_wait_seconds": None,
            "mean_run_seconds": 75.2,
        },
    }


async def test_statistics_are_the_apis_over_the_range_in_the_address(watched: Watched) -> None:
    """The keyboard walks through the moments of the charts; the table says the same."""
    page = watched.page

    async def answer(route: Route) -> None:
        (begin,) = parse_qs(urlsplit(route.request.url).query)["from"]
        is_hour = datetime.now(UTC) - datetime.fromisoformat(begin) < timedelta(hours=2)
        await route.fulfill(json={"success": True, "data": statistics(2, 60) if is_hour else statistics(24, 3600)})

    await page.route("**/pipeline/stats?*", answer)
    await watched.open("/system")
    slider = page.locator(".moment input")
    await expect(slider).to_have_attribute("max", "1")
    await page.locator(".statistics select").select_option("day")
    await expect(page).to_have_url(f"{watched.address}/system?range=day")
    await expect(slider).to_have_attribute("max", "23")
    await page.reload()
    for hour in (23, 22):
        await expect(slider).to_have_value(str(hour))
        figures = {
            "developed": f"1,2{hour}",
            "failed": str(hour),
            "p50_ms": f"{80 + hour} ms",
            "busy_share": f"{hour} %",
        }
        for name, text in figures.items():
            await expect(page.locator(f".charts [data-figure={name}]")).to_have_text(text)
        await slider.press("ArrowLeft")
    await expect(page.locator(".chart .area").first).to_have_attribute("d", re.compile(r"^M0 100V.*Z$"))
    await page.locator("[data-control=table]").press("Enter")
    oldest = page.locator(".statistics tr[data-at='2026-11-30T00:00:00Z'] td")
    assert await oldest.all_inner_texts() == ["1,200", "0", MISSING, MISSING, MISSING]
    await expect(page.locator("[data-figure='batches.mean_run_seconds']")).to_have_text("1분 15초")
    await expect(page.locator("[data-figure='batches.mean_wait_seconds']")).to_have_text(MISSING)
    assert await page.locator("[data-figure^=failures_by_code]").all_inner_texts() == ["4,000", "3"]
    assert await page.locator("[data-recipe='제주'] td").all_inner_texts() == ["4", "5", "6", "7"]

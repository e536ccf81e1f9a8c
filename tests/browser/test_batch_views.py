"""Ways to look at the images of a batch, in a real browser: strip, choice, list and timeline."""

import asyncio
import re
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx
from playwright.async_api import Route, expect

from tests.browser.conftest import Watched

FAILED_NAMES = ("<b>notes.txt", "cut off.jpg")


async def listed(watched: Watched, path: str, name: str) -> list[dict[str, Any]]:
    """What the API lists under a name."""
    async with httpx.AsyncClient(base_url=watched.address) as client:
        found: list[dict[str, Any]] = (await client.get(path)).raise_for_status().json()["data"][name]
    return found


async def test_the_strip_shows_all_images_and_leads_to_each(watched: Watched, folder: list[Path]) -> None:
    """By the keyboard and by a click; what failed stands out of it and is said in words."""
    batch_id = await watched.develop(folder, "띠")
    page = watched.page
    slider = page.locator(".strip input")
    await expect(slider).to_have_attribute("max", "9")
    failed = [index for index, path in enumerate(sorted(folder)) if path.name in FAILED_NAMES]
    await expect(page.locator(".strip-band .failed")).to_have_attribute("d", re.compile(r"^(M[^M]+){2}$"))
    for index in (9, failed[1]):
        await slider.focus()
        await slider.press("Home")
        for _ in range(index):
            await slider.press("ArrowRight")
        await expect(slider).to_have_attribute(
            "aria-valuetext", f"이미지 {index + 1}: {'실패' if index in failed else '완료'} 1"
        )
        await slider.press("Enter")
        await expect(page).to_have_url(f"{watched.address}/batches/{batch_id}?image={index}")
        await expect(page.locator(f"[data-index='{index}']")).to_be_focused()
    await watched.open(f"/batches/{batch_id}?view=failures")
    box = await slider.bounding_box()
    assert box
    await slider.click(position={"x": box["width"] * (failed[0] + 0.5) / len(folder), "y": 20})
    await expect(page.locator(f"[data-index='{failed[0]}']")).to_be_focused()


async def test_images_are_chosen_by_what_they_have_come_to(watched: Watched, folder: list[Path]) -> None:
    """As thumbnails or as a list; the choice is in the address, and a cause of failure leads to its images."""
    batch_id = await watched.develop(folder, "고르기")
    page = watched.page
    choice = page.locator(".images-bar select")
    await choice.select_option("failed")
    await expect(page).to_have_url(f"{watched.address}/batches/{batch_id}?outcome=failed")
    await expect(page.locator(".cell")).to_have_count(2)
    await page.locator("[data-control=as-list]").click()
    await page.reload()
    await expect(page.locator("tr[data-image]")).to_have_count(2)
    await expect(page.locator("tr[data-image] th")).to_have_text([*FAILED_NAMES])
    await choice.select_option("")
    await expect(page.locator("tr[data-image]")).to_have_count(10)
    for image in await listed(watched, f"/pipeline/batch/{batch_id}/images", "images"):
        row = page.locator(f"tr[data-image='{image['index']}']")
        if image["original"]:
            size = re.compile(rf"^{image['original']['width']} . {image['original']['height']}$")
            await expect(row.locator("[data-figure=original]")).to_have_text(size)
            took = sum(image["timings_ms"].values())
            await expect(row.locator("[data-figure=timings_ms]")).to_have_text(f"{took} ms" if took else "")
        else:
            await expect(row.locator("[data-figure=outcome]")).to_contain_text(image["message"])
    await choice.select_option("revoked")
    await expect(page.locator(".images > p")).to_be_visible()
    await watched.open(f"/batches/{batch_id}?view=failures")
    await page.locator(".cause[data-code=unreadable] .cause-images a").click()
    await expect(page.locator(".cell [data-state=failed]")).to_have_count(1)
    await expect(page.locator(".cell")).to_contain_text("cut off.jpg")


async def test_the_timeline_shows_which_worker_had_which_chunk(watched: Watched, folder: list[Path]) -> None:
    """As a picture with a lane for each worker, and as a table with the API's figures."""
    batch_id = await watched.develop(folder, "타임라인")
    page = await watched.open(f"/batches/{batch_id}?view=timeline")
    chunks = await listed(watched, f"/pipeline/batch/{batch_id}/chunks", "chunks")
    workers = {chunk["worker"] for chunk in chunks}
    await expect(page.locator("[data-lane]")).to_have_count(len(workers))
    for worker in workers:
        await expect(page.locator(f"[data-lane='{worker}'] .worked")).to_have_attribute("d", re.compile("^M"))
    await page.locator("[data-control=table]").click()
    await expect(page.locator("tr[data-chunk]")).to_have_count(len(chunks))
    for chunk in chunks:
        row = page.locator(f"tr[data-chunk='{chunk['number']}']")
        await expect(row.locator("[data-figure=worker]")).to_have_text(chunk["worker"])
        await expect(row.locator("[data-figure=attempts]")).to_have_text(str(chunk["attempts"]))


async def test_prints_are_taken_home_from_the_page_of_their_batch(watched: Watched, folder: list[Path]) -> None:
    """As a ZIP file, and as a contact sheet that stands in a window of its own."""
    await watched.develop(folder, "내려받기")
    page = watched.page
    async with page.expect_download() as downloading:
        await page.locator(".downloads .main").click()
    download = await downloading.value
    with ZipFile(await download.path()) as archive:
        assert len(archive.namelist()) >= 8
    async with page.expect_popup() as opening:
        await page.locator(".downloads a[target]").click()
    sheet = await opening.value
    await expect(sheet.locator("img")).to_have_count(8)
    await expect(sheet.locator("img").first).not_to_have_js_property("naturalWidth", 0)


async def test_a_mean_colour_stands_in_a_prints_place_until_it_has_come(watched: Watched, folder: list[Path]) -> None:
    """Where the recipe asks for a BlurHash; it goes when the print is there, as that may have holes."""
    batch_id = await watched.develop(folder, "바탕색")
    page = watched.page
    may_come = asyncio.Event()

    async def colour(route: Route) -> None:
        answer = await (await route.fetch()).json()
        for tile in answer["data"]["images"]:
            tile["placeholder"] = "LEHV6nWB2yk8pyo0adR*.7kCMdnj"
        await route.fulfill(json=answer)

    async def hold(route: Route) -> None:
        await may_come.wait()
        await route.continue_()

    await page.route("**/tiles?*", colour)
    await page.route("**/images/*/thumbnail", hold)
    await watched.open(f"/batches/{batch_id}?outcome=completed")
    image = page.locator(".cell img").first
    await expect(image).to_have_css("background-color", "rgb(151, 150, 149)")
    may_come.set()
    await expect(image).to_have_css("background-color", "rgba(0, 0, 0, 0)")

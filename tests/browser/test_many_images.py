"""Batches of more images than a page could show at once: what they cost the browser, and the server."""

import io
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from PIL import Image
from playwright.async_api import Request, expect

from tests.browser.conftest import Watched
from tests.browser.dropping import drop_folder

IMAGES = 1000
FILES_AT_ONCE = 500
MAX_NODES = 2500
MAX_REQUESTS_A_SECOND = 2
END_MILLISECONDS = 120_000
COUNT_NODES = """
globalThis.mostNodes = 0;
new MutationObserver(() => {
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_ALL);
  let nodes = 1;
  while (walker.nextNode()) nodes += 1;
  mostNodes = Math.max(mostNodes, nodes);
}).observe(document, { childList: true, subtree: true });
"""
NEXT_WINDOW = "scrollBy(0, innerHeight), new Promise((drawn) => setTimeout(() => requestAnimationFrame(drawn)))"
IS_AT_END = "scrollY + innerHeight >= document.documentElement.scrollHeight - 1"


def tiny_photograph() -> bytes:
    """An image that is developed in no time."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "JPEG")
    return buffer.getvalue()


async def begin(address: str, name: str, images: int) -> str:
    """Have a batch of so many images developed; its id."""
    photograph = tiny_photograph()
    async with httpx.AsyncClient(base_url=address, timeout=60) as client:
        begun = await client.post("/pipeline/batch?draft=true", json={"batch_name": name})
        batch_id = begun.json()["data"]["batch_id"]
        for first in range(0, images, FILES_AT_ONCE):
            files = [("files", (f"{first + number:05}.jpg", photograph)) for number in range(FILES_AT_ONCE)]
            append = client.post(f"/pipeline/batch/{batch_id}/images", data={"position": str(first)}, files=files)
            (await append).raise_for_status()
        (await client.post(f"/pipeline/batch/{batch_id}/commit")).raise_for_status()
    return str(batch_id)


async def test_a_large_batch_costs_few_requests_and_few_nodes(watched: Watched) -> None:
    """At most two requests a second while it is developed, and 2,500 nodes anywhere in its grid."""
    page, asked = watched.page, list[str]()

    def count(request: Request) -> None:
        if request.resource_type != "image":
            asked.append(urlsplit(request.url).path)

    await page.add_init_script(COUNT_NODES)
    batch_id = await begin(watched.address, "많은 사진", IMAGES)
    await watched.open(f"/batches/{batch_id}")
    await expect(page.locator(".cell [data-state]:not([data-state=loading])").first).to_be_visible()
    page.on("request", count)
    began = time.monotonic()
    await expect(page.locator(".batch [data-figure='progress_percentage']")).to_have_text(
        "100 %", timeout=END_MILLISECONDS
    )
    # Two more: what was asked for just before, and the last look at what is shown.
    assert len(asked) <= MAX_REQUESTS_A_SECOND * (time.monotonic() - began + 1), asked
    while not await page.evaluate(IS_AT_END):
        await page.evaluate(NEXT_WINDOW)
    await expect(page.locator(f"[data-index='{IMAGES - 1}']")).to_have_attribute("data-state", "completed")
    assert 100 < await page.evaluate("mostNodes") <= MAX_NODES


async def test_a_folder_is_dropped_with_everything_in_it(watched: Watched, tmp_path: Path) -> None:
    """More files than one look into a folder gives, in folders of folders, in the order of their paths."""
    folder = tmp_path / "여행"
    photograph = tiny_photograph()
    names = [*(f"{number:03}.jpg" for number in range(250)), "둘째 날/가.jpg", "둘째 날/밤/나.jpg"]
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(photograph)
    page = await watched.open("/")
    await expect(page.locator("[data-choose=files]")).to_be_attached()
    await drop_folder(page, await page.context.new_cdp_session(page), folder)
    sheet = page.get_by_role("dialog")
    await expect(sheet.locator("input").first).to_have_value("여행")
    await sheet.locator(".button.main").click()
    await expect(page.locator(".batch")).to_be_visible(timeout=END_MILLISECONDS)
    batch_id = page.url.rpartition("/")[2]
    async with httpx.AsyncClient(base_url=watched.address) as client:
        images = (await client.get(f"/pipeline/batch/{batch_id}/images", params={"limit": 300})).json()["data"]
    assert [image["name"] for image in images["images"]] == names


async def test_the_keyboard_leads_through_a_large_grid(watched: Watched) -> None:
    """The focus arrives also where nothing is drawn yet; a link to an image leads to it."""
    batch_id = await begin(watched.address, "자판으로", FILES_AT_ONCE)
    page = await watched.open(f"/batches/{batch_id}?image=400")
    await expect(page.locator("[data-index='400']")).to_be_focused()
    await page.keyboard.press("End")
    await expect(page.locator(f"[data-index='{FILES_AT_ONCE - 1}']")).to_be_focused()
    await page.keyboard.press("Home")
    await expect(page.locator("[data-index='0']")).to_be_focused()
    await page.keyboard.press("PageDown")
    await page.keyboard.press("PageDown")
    await expect(page.locator("[data-index='0']")).to_have_count(0)
    await expect(page.locator(".cell a:focus")).to_have_count(1)

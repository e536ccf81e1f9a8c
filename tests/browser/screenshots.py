"""Pictures of every view for eyes: `python -m tests.browser.screenshots`, into var/screens/."""

import asyncio
import tempfile
from pathlib import Path
from typing import Literal

import httpx
from playwright.async_api import Browser, expect

from tests.browser.chromium import launched
from tests.browser.odd_folder import write_odd_folder
from tests.browser.sheets import begin_paused_upload, cancel_upload, hide_upload, open_new_batch
from tests.processes import ROOT, running_embedded, wait_until

FOLDER = ROOT / "var" / "screens"
SIZES = {"desktop": (1280, 900), "tablet": (820, 1100), "phone": (390, 800)}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LANGUAGES = {"ko": "ko-KR", "en": "en-US"}
PHOTOGRAPHS = 40


def main() -> None:
    """Develop a folder on a server of its own, and take a picture of each view, size, theme and language."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, running_embedded(Path(scratch)) as darkroom:
        photographs = Path(scratch) / "photographs"
        files = write_odd_folder(photographs, PHOTOGRAPHS)
        batch_id = _develop(darkroom.base_url, files)
        _leave_draft(darkroom.base_url, files[:3])
        asyncio.run(_take_all(darkroom.base_url, batch_id, files, Path(scratch)))


def _develop(address: str, files: list[Path]) -> str:
    parts = [("files", (path.name, path.read_bytes())) for path in files]
    with httpx.Client(base_url=address, timeout=120) as client:
        answer = client.post("/pipeline/batch", data={"batch_name": "제주 여행"}, files=parts)
        batch_id: str = answer.raise_for_status().json()["data"]["batch_id"]

        def has_ended() -> bool:
            return client.get(f"/pipeline/batch/{batch_id}").json()["data"]["finished_at"] is not None

        wait_until(has_ended, "the batch has ended", 120)
        return batch_id


def _leave_draft(address: str, files: list[Path]) -> None:
    with httpx.Client(base_url=address, timeout=120) as client:
        begun = client.post("/pipeline/batch?draft=true", json={"batch_name": "한라산"}).raise_for_status()
        parts = [("files", (path.name, path.read_bytes())) for path in files]
        client.post(begun.json()["data"]["links"]["images"], files=parts).raise_for_status()


async def _take_all(address: str, batch_id: str, files: list[Path], scratch: Path) -> None:
    views = {
        "list": (f"{address}/", ".row"),
        "batch": (f"{address}/batches/{batch_id}", ".cell img"),
        "images-list": (f"{address}/batches/{batch_id}?as=list", "tr[data-image]"),
        "timeline": (f"{address}/batches/{batch_id}?view=timeline", "[data-lane]"),
        "failures": (f"{address}/batches/{batch_id}?view=failures", ".cause"),
        "image": (f"{address}/batches/{batch_id}/images/3", ".comparison img"),
        "recipes": (f"{address}/recipes", "[data-recipe=social]"),
        "recipe": (f"{address}/recipes/social?batch={batch_id}&image=3", "[data-proof=completed] .comparison img"),
        "recipe-json": (f"{address}/recipes/social?view=json", ".recipe-json"),
        "system": (f"{address}/system", ".charts"),
    }
    async with launched(scratch) as browser:
        for size in SIZES:
            for scheme in SCHEMES:
                for language in LANGUAGES:
                    await _take(browser, views, files, size, scheme, language)


async def _take(
    browser: Browser,
    views: dict[str, tuple[str, str]],
    files: list[Path],
    size: str,
    scheme: Literal["light", "dark"],
    language: str,
) -> None:
    width, height = SIZES[size]
    context = await browser.new_context(
        locale=LANGUAGES[language], color_scheme=scheme, viewport={"width": width, "height": height}
    )
    page = await context.new_page()

    async def take(name: str) -> None:
        await page.screenshot(path=FOLDER / f"{name}-{size}-{scheme}-{language}.png")

    for name, (path, mark) in views.items():
        await page.goto(path)
        await expect(page.locator(mark).first).to_be_visible()
        for image in await page.locator("img").all():
            await expect(image).to_have_js_property("complete", True)
        await take(name)
    await page.goto(views["list"][0])
    await open_new_batch(page, files)
    await take("new-batch")
    await begin_paused_upload(page)
    await take("upload")
    await hide_upload(page)
    await take("upload-bar")
    await cancel_upload(page)
    await context.close()


if __name__ == "__main__":
    main()

"""The sheets of an upload, as they are opened and closed on the page."""

from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import Page, expect

SHEETS = ("new batch", "upload", "upload bar")
"""What is asked before an upload, how it goes on, and the bar that stands for it on every view."""

SHEET = ".dialog .new-batch"
UPLOAD_BAR = ".upload-bar"


async def show_sheet(page: Page, files: Sequence[Path], name: str) -> None:
    """Lead from the list to one of the sheets."""
    await open_new_batch(page, files)
    if name != "new batch":
        await begin_paused_upload(page)
    if name == "upload bar":
        await hide_upload(page)


async def open_new_batch(page: Page, files: Sequence[Path]) -> None:
    """Choose files: the sheet asks what is to become of them, with everything open that is folded away."""
    await page.locator("[data-choose=files]").set_input_files(files)
    await expect(page.locator(f"{SHEET} .button.main")).to_be_visible()
    for summary in await page.locator(f"{SHEET} summary").all():
        await summary.click()


async def begin_paused_upload(page: Page) -> None:
    """Begin with what was chosen, and pause at once; what is sent until then is lost on its way."""
    await page.route("**/images", lambda route: route.abort())
    await page.locator(f"{SHEET} .button.main").click()
    await page.locator(f"{SHEET} .upload-progress ~ .actions .button").nth(1).click()


async def hide_upload(page: Page) -> None:
    """Have the upload go on in the background: its bar stays."""
    await page.locator(f"{SHEET} .actions .button").last.click()
    await expect(page.locator(UPLOAD_BAR)).to_be_visible()


async def cancel_upload(page: Page) -> None:
    """Show the upload again and give it up with what has arrived."""
    await page.locator(f"{UPLOAD_BAR} .button").last.click()
    await page.locator(f"{SHEET} .actions .button").first.click()
    await page.locator(".dialog .button.danger").click()
    await expect(page.locator(".dialog")).to_have_count(0)

"""A folder dropped on the page, as the browser has it from the desktop."""

import asyncio
from pathlib import Path

from playwright.async_api import CDPSession, Page

DRAG_SECONDS = 20.0


async def drop_folder(page: Page, devtools: CDPSession, folder: Path) -> None:
    """Drag a folder over the page that is shown, and let it go there; `devtools` is the page's session."""
    drag = {"x": 600, "y": 400, "data": {"items": [], "files": [str(folder)], "dragOperationsMask": 1}}
    # Until its first frame Chromium may lose what is dragged over a page; and it takes a drop for a drag that leaves
    # while the page has not said that it takes what is over it.
    async with asyncio.timeout(DRAG_SECONDS):
        while not await page.locator("html[data-dragging]").count():
            for kind in ("dragEnter", "dragOver"):
                await devtools.send("Input.dispatchDragEvent", {"type": kind, **drag})
    for kind in ("dragOver", "drop"):
        await devtools.send("Input.dispatchDragEvent", {"type": kind, **drag})

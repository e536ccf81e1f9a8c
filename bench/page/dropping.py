"""Files dropped on the page as a person drops them, and uploaded from there."""

import time
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, expect

from bench.page.browser_memory import read_memory
from bench.page.meter import Meter, measured_page
from bench.report import Section
from tests.browser.dropping import drop_folder

DROP_MILLISECONDS = 120_000
UPLOAD_MILLISECONDS = 600_000


@dataclass(frozen=True)
class DroppedUpload:
    """One upload through the page: its seconds from the button to the batch, and the longest task meanwhile."""

    seconds: float
    longest_task_ms: float


async def upload_dropped(browser: Browser, address: str, folder: Path) -> DroppedUpload:
    """Drop a folder, begin the upload, and wait until its batch is shown."""
    async with measured_page(browser) as meter:
        await _drop(meter, address, folder)
        await meter.forget()
        began = time.monotonic()
        await meter.page.get_by_role("dialog").locator(".button.main").click()
        await expect(meter.page.locator(".batch")).to_be_visible(timeout=UPLOAD_MILLISECONDS)
        seconds = time.monotonic() - began
        return DroppedUpload(seconds, (await meter.read())["longestTask"])


async def choices(browser: Browser, address: str, folder: Path, files: int) -> Section:
    """Drop very many files, and choose the same in the browser's dialog; nothing is sent."""
    rows = [await _choice(browser, address, folder, way) for way in ("dropped", "chosen")]
    columns = ("way", "seconds", "longest task, ms", "browser's memory, MB", "held by script, MB", "most nodes")
    return Section(f"{files:,} files, until the sheet says what it would send", columns, tuple(rows))


async def _choice(browser: Browser, address: str, folder: Path, way: str) -> tuple[str, ...]:
    devtools = await browser.new_browser_cdp_session()
    async with measured_page(browser) as meter:
        empty = await read_memory(devtools)
        if way == "dropped":
            seconds = await _drop(meter, address, folder)
        else:
            seconds = await _choose(meter, address, folder)
        measured = await meter.read()
        heap = await meter.heap_megabytes()
        memory = (await read_memory(devtools)).beyond(empty)
        return (
            way,
            f"{seconds:.1f}",
            f"{measured['longestTask']:.0f}",
            f"{memory.browser:.0f}",
            f"{heap:.0f}",
            f"{measured['nodes']:.0f}",
        )


async def _drop(meter: Meter, address: str, folder: Path) -> float:
    """Drop a folder on the list; the seconds until the sheet is ready."""
    await meter.page.goto(address)
    await expect(meter.page.locator("[data-choose=files]")).to_be_attached()
    await meter.forget()
    began = time.monotonic()
    await drop_folder(meter.page, meter.devtools, folder)
    await _until_ready(meter)
    return time.monotonic() - began


async def _choose(meter: Meter, address: str, folder: Path) -> float:
    await meter.page.goto(address)
    folder_input = meter.page.locator("input[data-choose=folder]")
    await expect(folder_input).to_be_attached()
    await meter.forget()
    began = time.monotonic()
    await folder_input.set_input_files(folder, timeout=DROP_MILLISECONDS)
    await _until_ready(meter)
    return time.monotonic() - began


async def _until_ready(meter: Meter) -> None:
    begin = meter.page.get_by_role("dialog").locator(".button.main")
    await expect(begin).to_be_enabled(timeout=DROP_MILLISECONDS)

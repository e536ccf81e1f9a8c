"""The page in a real browser: Chromium, a server of its own, and an eye on everything that a page must never do."""

import json
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, Request, async_playwright

from examples.sample_photographs import write_sample_photographs
from tests.built_page import built_page, missing
from tests.processes import ROOT, RunningDarkroom, running_embedded

CHROMIUM = shutil.which("chromium")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FONTS = """<?xml version="1.0"?>
<fontconfig>
<dir>{fonts}</dir><dir>/usr/share/fonts</dir><cachedir>{cache}</cachedir>
<alias><family>system-ui</family><prefer><family>NanumGothic</family></prefer></alias>
<alias><family>sans-serif</family><prefer><family>NanumGothic</family></prefer></alias>
</fontconfig>
"""
"""The project's own Hangul letters: without any, a system's browser draws boxes."""


@dataclass
class Watched:
    """A page, and what went wrong on it."""

    page: Page
    address: str
    faults: list[str] = field(default_factory=list)

    def heed(self, message: ConsoleMessage) -> None:
        """Note errors and warnings of the console; violations of the policy are among them."""
        if message.type in {"error", "warning"}:
            self.faults.append(message.text)

    def follow(self, request: Request) -> None:
        """Note what is asked for elsewhere."""
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"asked for {request.url}")

    async def open(self, path: str) -> Page:
        """Show an address of the page."""
        await self.page.goto(self.address + path)
        return self.page

    async def figure(self, name: str) -> str:
        """What a figure of the batch that is shown says."""
        return (await self.page.locator(f".batch [data-figure='{name}']").first.inner_text()).strip()


@pytest.fixture(scope="module")
def darkroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDarkroom]:
    """A server with the page."""
    built_page()
    with running_embedded(tmp_path_factory.mktemp("darkroom")) as running:
        yield running


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A folder as people have it: photographs, one that is cut off, and a text file."""
    folder = tmp_path_factory.mktemp("제주 여행")
    photographs = write_sample_photographs(folder, count=8, megapixels=0.3)
    whole = next(path for path in photographs if path.suffix.lower() in {".jpg", ".jpeg"}).read_bytes()
    (folder / "cut off.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "<b>notes.txt").write_text("no image")
    return sorted(folder.iterdir())


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    """Chromium, without a window."""
    if CHROMIUM is None:
        missing("there is no chromium: apt-get install chromium")
    fonts = tmp_path / "fonts.conf"
    own = ROOT / "services" / "worker" / "imaging" / "fonts"
    fonts.write_text(FONTS.format(fonts=own, cache=tmp_path / "fonts"))
    # Without a language in UTF-8, Chromium finds no file with a Korean name.
    environment: dict[str, str | float | bool] = {
        "FONTCONFIG_FILE": str(fonts),
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
    }
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS), env=environment)
        yield browser
        await browser.close()


@pytest.fixture
async def watched(browser: Browser, darkroom: RunningDarkroom) -> AsyncIterator[Watched]:
    """A page in Korean on a desktop, on which nothing may go wrong."""
    context = await browser.new_context(locale="ko-KR", viewport={"width": 1280, "height": 900})
    page = await context.new_page()
    watched = Watched(page, darkroom.base_url)
    page.on("console", watched.heed)
    page.on("pageerror", lambda error: watched.faults.append(str(error)))
    page.on("request", watched.follow)
    yield watched
    await context.close()
    assert watched.faults == [], json.dumps(watched.faults, indent=1)

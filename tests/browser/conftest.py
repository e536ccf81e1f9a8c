"""The page in a real browser: Chromium, a server of its own, and an eye on everything that a page must never do."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, Request, expect

from tests.browser.chromium import CHROMIUM, launched
from tests.browser.odd_folder import write_odd_folder
from tests.built_page import built_page, missing
from tests.processes import RunningDarkroom, running_embedded

# Two suites share two cores with servers and children: a page may take seconds to what takes it milliseconds alone.
expect.set_options(timeout=20_000)


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

    def excuse(self, *texts: str) -> None:
        """Forget the faults with one of these texts: they are what is tested, and browsers report each."""
        self.faults = [fault for fault in self.faults if not any(text in fault for text in texts)]

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
    """Files as people have them: photographs, one that is cut off, and a text file."""
    return write_odd_folder(tmp_path_factory.mktemp("제주 여행"))


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    """Chromium, without a window."""
    if CHROMIUM is None:
        missing("there is no chromium: apt-get install chromium")
    async with launched(tmp_path) as browser:
        yield browser


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

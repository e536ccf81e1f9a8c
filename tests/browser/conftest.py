"""The page in a real browser: Chromium, a server of its own, and an eye on everything that a page must never do."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, Request, expect

from tests.browser.batches import developed
from tests.browser.chromium import CHROMIUM, launched
from tests.browser.odd_folder import write_odd_folder
from tests.built_page import built_page, missing
from tests.processes import RunningDarkroom

# Two suites share two cores with servers and children: a page may take seconds to what takes it milliseconds alone.
expect.set_options(timeout=20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run these tests in one event loop: the browser that they share belongs to it."""
    for item in items:
        if Path(__file__).parent in item.path.parents and item.get_closest_marker("asyncio"):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


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

    async def develop(self, files: Sequence[Path], name: str) -> str:
        """Have files developed, and show their batch; its id."""
        batch_id = await developed(self.address, name, files)
        page = await self.open(f"/batches/{batch_id}")
        await expect(page.locator(".batch [data-figure='progress_percentage']")).to_have_text("100 %")
        return batch_id

    async def figure(self, name: str) -> str:
        """What a figure of the batch that is shown says."""
        return (await self.page.locator(f".batch [data-figure='{name}']").first.inner_text()).strip()


@pytest.fixture(scope="module")
def darkroom(embedded_darkroom: RunningDarkroom) -> RunningDarkroom:
    """A server with the page, and with nothing in it."""
    built_page()
    embedded_darkroom.remove_everything()
    return embedded_darkroom


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Files as people have them: photographs, one that is cut off, and a text file."""
    return write_odd_folder(tmp_path_factory.mktemp("제주 여행"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    """Chromium, without a window; each test has a context of its own in it, which shares nothing with others."""
    if CHROMIUM is None:
        missing("there is no chromium: apt-get install chromium")
    async with launched(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
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

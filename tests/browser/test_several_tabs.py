"""The page in several tabs: what is done in one is seen in the others, and those that are hidden cost nothing."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.batches import END_MILLISECONDS, control, developed, until, upload_files
from tests.browser.conftest import Watched
from tests.built_page import built_page
from tests.processes import RunningDarkroom, running_embedded

ESTABLISHED = "01"
PATIENCE_MILLISECONDS = 20_000
TABS = 8
"""More than a browser's connections to one server."""


@pytest.fixture(scope="module")
def darkroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDarkroom]:
    """A server that keeps no connection for a second request, so that those it has are streams."""
    built_page()
    with running_embedded(tmp_path_factory.mktemp("darkroom"), DARKROOM_KEEP_ALIVE_SECONDS="1") as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def other(watched: Watched) -> AsyncIterator[Page]:
    """A second tab of the same browser."""
    page = await watched.page.context.new_page()
    page.on("console", watched.heed)
    page.on("pageerror", lambda error: watched.faults.append(str(error)))
    yield page
    await page.close()


def connections(address: str) -> int:
    """How many connections the server has, as its system counts them."""
    port = f":{urlsplit(address).port:04X}"
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(1 for line in lines if line[1].endswith(port) and line[3] == ESTABLISHED)


async def test_a_batch_that_is_deleted_in_one_tab_is_gone_in_the_others(
    watched: Watched, other: Page, folder: list[Path]
) -> None:
    """From its row and on its own page, although it had ended; nobody asks again."""
    batch_id = await developed(watched.address, "두 탭", folder)
    await other.goto(f"{watched.address}/batches/{batch_id}")
    await expect(other.locator(".live-dot.live")).to_be_visible()
    page = await watched.open("/")
    row = page.locator(f"[data-batch='{batch_id}']")
    await row.locator("[data-control=delete]").click()
    await page.get_by_role("dialog").locator(".danger").click()
    await expect(row).to_have_count(0)
    await expect(other.locator("h1")).to_have_text("삭제된 배치입니다.", timeout=PATIENCE_MILLISECONDS)
    await expect(other.locator("main a")).to_be_visible()


async def test_a_batch_that_is_retried_in_one_tab_goes_on_in_the_others(
    watched: Watched, other: Page, folder: list[Path]
) -> None:
    """Its page has seen the end, and sees the next generation begin and end."""
    batch_id = await developed(watched.address, "다시 두 탭", folder)
    await other.goto(f"{watched.address}/batches/{batch_id}")
    await expect(other.locator(".live-dot.live")).to_be_visible()
    page = await watched.open("/")
    await page.locator(f"[data-batch='{batch_id}'] [data-control=retry]").click()
    state = other.locator(".batch-state")
    await expect(state).to_contain_text("재시도 1회", timeout=PATIENCE_MILLISECONDS)
    await expect(other.locator(".batch [data-figure='progress_percentage']")).to_have_text(
        "100 %", timeout=END_MILLISECONDS
    )
    await expect(other.locator("[data-control=retry]")).to_be_visible()


async def test_a_batch_that_is_cancelled_on_its_page_is_so_in_the_list(
    watched: Watched, other: Page, folder: list[Path]
) -> None:
    """Paused before, so that it is not over too soon."""
    batch_id = await upload_files(watched.address, "취소 두 탭", folder * 10, chunk_size=1)
    await control(watched.address, batch_id, "pause")
    page = await watched.open("/")
    state = page.locator(f"[data-batch='{batch_id}'] [data-figure=status]")
    await expect(state).to_have_text("일시 정지")
    await other.goto(f"{watched.address}/batches/{batch_id}")
    await other.locator("[data-control=cancel]").click()
    await other.get_by_role("dialog").locator(".danger").click()
    await expect(state).to_have_text("취소됨", timeout=PATIENCE_MILLISECONDS)
    await expect(other.locator("[data-figure=status]")).to_have_text("취소됨", timeout=PATIENCE_MILLISECONDS)


async def test_only_the_tab_that_is_seen_holds_a_connection(browser: Browser, darkroom: RunningDarkroom) -> None:
    """Of more tabs than a browser has connections to a server; one that is shown again connects again."""

    async def open_tab() -> str:
        opened = await session.send("Target.createTarget", {"url": f"{darkroom.base_url}/", **context})
        return str(opened["targetId"])

    async def reach(number: int) -> None:
        async def is_reached() -> bool:
            return connections(darkroom.base_url) == number

        await until(is_reached, f"{number} connections")

    # Playwright would have each tab that it opens itself believe that it is seen.
    session = await browser.new_browser_cdp_session()
    created = await session.send("Target.createBrowserContext")
    context = {"browserContextId": created["browserContextId"]}
    first = await open_tab()
    await reach(1)
    await open_tab()
    await reach(2)
    for _ in range(TABS - 2):
        await open_tab()
    await reach(1)
    await session.send("Target.activateTarget", {"targetId": first})
    await reach(2)
    await reach(1)
    await session.send("Target.disposeBrowserContext", context)
    await reach(0)

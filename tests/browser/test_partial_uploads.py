"""An upload in many requests, some of which are refused for good: what has arrived is kept, the rest is sent later."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.batches import END_MILLISECONDS, data_of
from tests.browser.conftest import Watched
from tests.built_page import built_page
from tests.processes import RunningDarkroom, running_embedded

FILES_A_REQUEST = 2
NAME = "반쯤 올린 폴더"


@pytest.fixture(scope="module")
def darkroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDarkroom]:
    """A server that takes few files at once, so that few files are many requests."""
    built_page()
    folder = tmp_path_factory.mktemp("darkroom")
    with running_embedded(folder, DARKROOM_APPEND_MAX_FILES=str(FILES_A_REQUEST)) as running:
        yield running


async def choose(page: Page, files: list[Path]) -> None:
    """Choose files, and wait until the page knows how many may be sent at once."""
    async with page.expect_response("**/pipeline/system"):
        await page.locator("[data-choose=files]").set_input_files(files)


async def test_what_a_refused_request_left_is_sent_after_a_reload(watched: Watched, folder: list[Path]) -> None:
    """Only what is missing; in the end every file is in the batch once, in its place."""
    page = await watched.open("/")
    sent: list[str] = []

    async def refuse_after_two(route: Route) -> None:
        sent.append(route.request.url)
        if len(sent) <= FILES_A_REQUEST:
            await route.fallback()
            return
        error = {"code": "request_refused", "message": "더는 받지 않습니다.", "details": None}
        await route.fulfill(status=422, json={"success": False, "error": error})

    await page.route("**/images", refuse_after_two)
    await choose(page, folder)
    sheet = page.get_by_role("dialog")
    await sheet.locator("[data-choose=all]").check()
    await sheet.locator("input").first.fill(NAME)
    await sheet.locator(".button.main").click()
    await expect(sheet.locator(".problem")).to_contain_text("더는 받지 않습니다.")
    await page.unroute("**/images")
    (draft,) = await data_of(watched.address, "/pipeline/drafts")
    assert 0 < draft["received_images"] <= 2 * FILES_A_REQUEST

    await watched.open("/")
    await page.locator("[data-draft] .button").first.click()
    await choose(page, folder)
    await sheet.locator("[data-choose=all]").check()
    (draft,) = await data_of(watched.address, "/pipeline/drafts")
    sent.clear()
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/images") else None)
    await sheet.locator(".button.main").click()
    await expect(page.locator(".batch [data-figure='progress_percentage']")).to_have_text(
        "100 %", timeout=END_MILLISECONDS
    )
    images = await data_of(watched.address, f"/pipeline/batch/{draft['draft_id']}/images")
    assert [image["name"] for image in images["images"]] == [path.name for path in folder]
    assert len(sent) < len(folder) / FILES_A_REQUEST
    watched.excuse("422", "net::ERR_ABORTED")

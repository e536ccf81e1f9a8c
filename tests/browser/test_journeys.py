"""What people do on the page, from a folder to prints."""

import asyncio
from pathlib import Path

import httpx
from playwright.async_api import Route, expect

from tests.browser.batches import END_MILLISECONDS, batch_named, data_of
from tests.browser.conftest import Watched


async def test_a_folder_becomes_prints_and_each_failure_has_a_cause(watched: Watched, folder: list[Path]) -> None:
    """Every figure is the API's, thumbnails fill in, the odd ones are named with a sentence each."""
    page = await watched.open("/")
    await page.locator("[data-choose=files]").set_input_files(folder)
    sheet = page.get_by_role("dialog")
    await sheet.locator("input").first.fill("제주 여행")
    await sheet.locator("[data-choose=all]").check()
    await sheet.locator(".button.main").click()
    await expect(page.locator(".batch [data-figure='progress_percentage']")).to_have_text(
        "100 %", timeout=END_MILLISECONDS
    )
    batch_id = await batch_named(watched.address, "제주 여행")
    assert page.url == f"{watched.address}/batches/{batch_id}"
    async with httpx.AsyncClient(base_url=watched.address) as client:
        status = (await client.get(f"/pipeline/batch/{batch_id}")).json()["data"]
    assert await watched.figure("completed_images") == str(status["completed_images"]) == "8"
    assert await watched.figure("failed_images") == str(status["failed_images"]) == "2"
    await expect(page.locator(".cell[data-state], .cell [data-state=completed]")).to_have_count(8)
    for image in await page.locator(".cell img").all():
        await expect(image).not_to_have_js_property("naturalWidth", 0)
    await page.locator(".tabs a[href$='view=failures']").click()
    await expect(page.locator(".cause")).to_have_count(2)
    await expect(page.locator(".cause[data-code=unreadable] .examples")).to_contain_text("cut off.jpg")
    await expect(page.locator(".cause[data-code=unsupported_format] .examples")).to_contain_text("<b>notes.txt")


async def test_one_cause_is_retried_and_the_other_stays_as_it_is(watched: Watched, folder: list[Path]) -> None:
    """The button says how many it retries; what it does not retry goes on counting."""
    batch_id = await watched.develop(folder, "다시 시도")
    page = await watched.open(f"/batches/{batch_id}?view=failures")
    async with page.expect_response(lambda response: response.url.endswith("/retry")):
        await page.locator(".cause[data-code=unreadable] .button.main").click()
    async with httpx.AsyncClient(base_url=watched.address) as client:
        status = (await client.get(f"/pipeline/batch/{batch_id}")).json()["data"]
    assert status["generation"] == 1
    await expect(page.locator(".batch [data-figure='failed_images']")).to_have_text("2", timeout=END_MILLISECONDS)
    await expect(page.locator(".cause")).to_have_count(2)


async def test_images_are_reached_and_compared_by_the_keyboard_alone(watched: Watched, folder: list[Path]) -> None:
    """Arrows in the grid, Enter into an image, brackets to its neighbours, and back."""
    batch_id = await watched.develop(folder[:3], "자판")
    page = watched.page
    await page.locator("[data-index='0']").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("[data-index='1']")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{watched.address}/batches/{batch_id}/images/1")
    await expect(page.locator(".image")).to_have_attribute("data-image", "1")
    await page.keyboard.press("BracketLeft")
    await expect(page).to_have_url(f"{watched.address}/batches/{batch_id}/images/0")
    await expect(page.locator(".image")).to_have_attribute("data-image", "0")
    await page.keyboard.press("KeyU")
    await expect(page).to_have_url(f"{watched.address}/batches/{batch_id}?image=0")


async def test_what_can_be_no_image_is_left_out_before_anything_is_sent(watched: Watched, folder: list[Path]) -> None:
    """It is counted by kind with its names; then the page shows the batch of the others."""
    page = await watched.open("/")
    await page.locator("[data-choose=files]").set_input_files(folder)
    sheet = page.get_by_role("dialog")
    await expect(sheet.locator(".left-out summary")).to_contain_text(".txt 1")
    await sheet.locator(".left-out summary").click()
    await expect(sheet.locator(".left-out li")).to_contain_text("<b>notes.txt")
    await sheet.locator(".button.main").click()
    await expect(page.locator(".batch [data-figure='completed_images']")).to_have_text("8", timeout=END_MILLISECONDS)
    assert await watched.figure("failed_images") == "1"


async def test_an_upload_that_was_cut_off_goes_on_with_what_is_missing(watched: Watched, folder: list[Path]) -> None:
    """The list offers it; of the same files chosen again only those are sent that have not arrived, in their places."""
    async with httpx.AsyncClient(base_url=watched.address) as client:
        begun = await client.post("/pipeline/batch?draft=true", json={"batch_name": "이어 올리기"})
        draft_id = begun.json()["data"]["draft_id"]
        arrived = [("files", (path.name, path.read_bytes())) for path in folder[3:5]]
        position = {"position": "3"}
        (await client.post(f"/pipeline/batch/{draft_id}/images", data=position, files=arrived)).raise_for_status()
    page = await watched.open("/")
    await page.locator(f"[data-draft='{draft_id}'] .button").first.click()
    await page.locator("[data-choose=files]").set_input_files(folder)
    sheet = page.get_by_role("dialog")
    await sheet.locator("[data-choose=all]").check()
    sent: list[int] = []
    page.on("request", lambda request: sent.append(1) if request.url.endswith("/images") else None)
    await sheet.locator(".button.main").click()
    await expect(page).to_have_url(f"{watched.address}/batches/{draft_id}", timeout=END_MILLISECONDS)
    async with httpx.AsyncClient(base_url=watched.address) as client:
        images = (await client.get(f"/pipeline/batch/{draft_id}/images")).json()["data"]["images"]
    assert [image["name"] for image in images] == [path.name for path in folder]
    assert len(sent) == 2


async def test_an_upload_goes_on_while_one_walks_about(watched: Watched, folder: list[Path]) -> None:
    """It is paused, and its bar stands on every view; where a person goes on, it ends."""
    page = await watched.open("/")
    await page.route("**/images", lambda route: route.abort())
    await page.locator("[data-choose=files]").set_input_files(folder)
    sheet = page.get_by_role("dialog")
    await sheet.locator("input").first.fill("산책")
    await sheet.locator(".button.main").click()
    await sheet.get_by_role("button", name="일시 중지").click()
    await page.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()
    asks_before_leaving = "!dispatchEvent(new Event('beforeunload', { cancelable: true }))"
    assert await page.evaluate(asks_before_leaving)
    await page.unroute("**/images")
    await page.locator(".header nav a[href$='/system']").click()
    await page.locator(".upload-bar .button").first.click()
    await expect(page.locator(".upload-bar")).to_be_hidden(timeout=END_MILLISECONDS)
    assert not await page.evaluate(asks_before_leaving)
    async with httpx.AsyncClient(base_url=watched.address) as client:
        (batch,) = (await client.get("/pipeline/batch", params={"q": "산책"})).json()["data"]
    assert batch["total_images"] == 9
    # The line that was cut is what is tested, and browsers report it.
    watched.faults = [fault for fault in watched.faults if "ERR_FAILED" not in fault]


async def test_an_upload_that_is_cancelled_leaves_nothing_behind(watched: Watched, folder: list[Path]) -> None:
    """It asks once, as what has been uploaded is removed; the draft is gone, and no batch is made."""
    page = await watched.open("/")
    await page.route("**/images", lambda route: route.abort())
    await page.locator("[data-choose=files]").set_input_files(folder)
    sheet = page.get_by_role("dialog")
    await sheet.locator("input").first.fill("그만두기")
    await sheet.locator(".button.main").click()
    # The form before it has a button of the same name.
    await expect(sheet.locator(".upload-progress")).to_be_visible()
    await sheet.get_by_role("button", name="취소", exact=True).click()
    await sheet.locator(".button.danger").click()
    await expect(sheet).to_have_count(0)
    async with httpx.AsyncClient(base_url=watched.address) as client:
        drafts = (await client.get("/pipeline/drafts")).json()["data"]
        batches = (await client.get("/pipeline/batch", params={"q": "그만두기"})).json()["data"]
    assert [draft for draft in drafts if draft["batch_name"] == "그만두기"] == batches == []
    # The line that was cut is what is tested, and browsers report it.
    watched.faults = [fault for fault in watched.faults if "ERR_FAILED" not in fault]


async def test_a_form_that_is_closed_begins_no_upload(watched: Watched, folder: list[Path]) -> None:
    """Although its draft had been asked for: that is removed as soon as it is there."""
    page = await watched.open("/")
    may_begin = asyncio.Event()

    async def hold(route: Route) -> None:
        await may_begin.wait()
        await route.continue_()

    await page.route("**/pipeline/batch?draft=true", hold)
    await page.locator("[data-choose=files]").set_input_files(folder)
    sheet = page.get_by_role("dialog")
    await sheet.locator("input").first.fill("없던 일")
    await sheet.locator(".button.main").click()
    await sheet.get_by_role("button", name="취소", exact=True).click()
    await expect(sheet).to_have_count(0)
    async with page.expect_response(lambda response: response.request.method == "DELETE") as removed:
        may_begin.set()
    assert (await removed.value).ok
    await expect(sheet).to_have_count(0)
    drafts = await data_of(watched.address, "/pipeline/drafts")
    assert "없던 일" not in {draft["batch_name"] for draft in drafts}

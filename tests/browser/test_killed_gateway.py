"""A gateway that is killed under the page, and batches that are paused and cancelled; on real servers."""

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from examples.sample_photographs import write_sample_photographs
from tests.browser.batches import END_MILLISECONDS, batch_named, data_of, developed, status_of, until, upload_files
from tests.browser.conftest import Watched
from tests.built_page import built_page
from tests.processes import RunningDarkroom, running_services, wait_until
from tests.servers import Server
from tests.servers.mongodb import MongodbAddress
from tests.servers.rabbitmq import RabbitmqAddress

PHOTOGRAPHS = 130
"""Three requests, as the page groups files."""

LOST = ("net::ERR_", "503")
"""What a browser reports of a server that is away, and of one that begins to answer."""


@pytest.fixture(scope="module")
def darkroom(
    tmp_path_factory: pytest.TempPathFactory,
    rabbitmq_server: Server[RabbitmqAddress],
    mongodb_server: Server[MongodbAddress],
) -> Iterator[RunningDarkroom]:
    """Four processes, which outlive their gateway."""
    built_page()
    with (
        rabbitmq_server.address.fresh_virtual_host() as rabbitmq_url,
        mongodb_server.address.fresh_database() as mongodb_url,
        running_services(tmp_path_factory.mktemp("darkroom"), rabbitmq_url, mongodb_url) as running,
    ):
        yield running


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """As many small photographs as several requests take, in the order of their names."""
    folder = tmp_path_factory.mktemp("photographs")
    written = write_sample_photographs(folder / "different", count=8, megapixels=0.1)
    for number in range(PHOTOGRAPHS):
        original = written[number % len(written)]
        shutil.copyfile(original, folder / f"{number:03}{original.suffix}")
    return sorted(path for path in folder.iterdir() if path.is_file())


@contextmanager
def gateway_killed(darkroom: RunningDarkroom) -> Iterator[None]:
    """Kill it as a machine that loses its power does, and start it again at the same address in the end."""
    gateway = darkroom.processes["gateway"]
    gateway.signal(signal.SIGKILL)
    gateway.wait()
    try:
        yield
    finally:
        gateway.restart()
        wait_until(darkroom.is_ready, "the gateway is ready again")


@contextmanager
def worker_held(darkroom: RunningDarkroom) -> Iterator[None]:
    """Have nothing more begun meanwhile."""
    worker = darkroom.processes["worker"]
    worker.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        worker.signal(signal.SIGCONT)


async def limit_uploads(page: Page, bytes_per_second: int) -> None:
    """Have a browser upload no faster; -1 for as fast as it can."""
    session = await page.context.new_cdp_session(page)
    conditions = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_second}
    await session.send("Network.emulateNetworkConditions", conditions)
    if bytes_per_second < 0:
        await session.detach()


async def begin_upload(watched: Watched, photographs: list[Path], name: str) -> None:
    """Choose photographs on the page and begin, so slowly that one can do something meanwhile."""
    page = await watched.open("/")
    await limit_uploads(page, sum(path.stat().st_size for path in photographs) // 6)
    await page.locator("[data-choose=files]").set_input_files(photographs)
    sheet = page.get_by_role("dialog")
    await sheet.locator("input").first.fill(name)
    await sheet.locator(".button.main").click()


async def until_sent(page: Page, share: float) -> None:
    """Return once so much of an upload has been sent, from 0 to 1; the rest hardly moves from then on."""

    async def is_sent() -> bool:
        return await sent_share(page) > share

    await until(is_sent, f"{share:.0%} of the upload have been sent")
    await limit_uploads(page, 1000)
    assert await sent_share(page) < 1


async def sent_share(page: Page) -> float:
    """How much of an upload has been sent, from 0 to 1."""
    share: float = await page.locator("dialog progress").evaluate("bar => bar.value / bar.max")
    return share


async def until_developing(address: str, batch_id: str) -> None:
    """Return once an image of the batch has been developed."""

    async def is_developing() -> bool:
        return bool((await status_of(address, batch_id))["completed_images"])

    await until(is_developing, "the first image is completed")


async def assert_developed(watched: Watched, name: str, photographs: list[Path]) -> None:
    """The page shows the batch to its end by itself; every photograph is in it once, in its place, with its prints."""
    page = watched.page
    progress = page.locator(".batch [data-figure='progress_percentage']")
    await expect(progress).to_have_text("100 %", timeout=END_MILLISECONDS)
    batch_id = await batch_named(watched.address, name)
    await expect(page.locator(".batch")).to_have_attribute("data-batch", batch_id)
    assert await watched.figure("completed_images") == str(len(photographs))
    assert await watched.figure("failed_images") == "0"
    answer = await data_of(watched.address, f"/pipeline/batch/{batch_id}/images", limit="1000")
    assert [image["name"] for image in answer["images"]] == [path.name for path in photographs]
    await expect(page.locator(".cell img").first).to_be_visible()
    for image in await page.locator(".cell img").all():
        await expect(image).not_to_have_js_property("naturalWidth", 0)


async def test_an_upload_goes_on_by_itself_when_its_gateway_was_killed(
    watched: Watched, darkroom: RunningDarkroom, photographs: list[Path]
) -> None:
    """The page says so, and sends again what had not arrived; nobody touches it."""
    await begin_upload(watched, photographs, "끊긴 업로드")
    page = watched.page
    await until_sent(page, 0.3)
    with gateway_killed(darkroom):
        await expect(page.locator(".upload-progress")).to_contain_text("다시 시도합니다")
        await limit_uploads(page, -1)
    await assert_developed(watched, "끊긴 업로드", photographs)
    watched.excuse(*LOST)


async def test_an_upload_that_is_paused_sends_nothing_until_it_goes_on(
    watched: Watched, photographs: list[Path]
) -> None:
    """What is on its way is broken off; it arrives once all the same."""
    await begin_upload(watched, photographs, "쉬는 업로드")
    page = watched.page
    sheet = page.get_by_role("dialog")
    appends: list[str] = []
    page.on("request", lambda request: appends.append(request.url) if request.url.endswith("/images") else None)
    await until_sent(page, 0.2)
    await sheet.get_by_role("button", name="일시 중지").click()
    await expect(sheet.locator(".upload-progress")).to_contain_text("일시 중지됨")
    before = len(appends)
    await limit_uploads(page, -1)
    # While another batch is made and developed, a page that went on would have sent everything.
    await developed(watched.address, "다른 배치", photographs[:4])
    assert len(appends) == before
    (draft,) = await data_of(watched.address, "/pipeline/drafts")
    assert draft["received_images"] < PHOTOGRAPHS
    await sheet.get_by_role("button", name="계속하기").click()
    await assert_developed(watched, "쉬는 업로드", photographs)
    watched.excuse("net::ERR_ABORTED")


async def test_a_page_that_watches_goes_on_when_its_gateway_was_killed(
    watched: Watched, darkroom: RunningDarkroom, photographs: list[Path]
) -> None:
    """It says how old its figures are, comes back, offers the newer page, and ends with true figures."""
    batch_id = await upload_files(watched.address, "끊긴 화면", photographs, chunk_size=2)
    page = await watched.open(f"/batches/{batch_id}")
    completed = page.locator(".batch [data-figure='completed_images']")
    await until_developing(watched.address, batch_id)
    # What has not been developed yet waits, so that the end comes after the loss.
    with worker_held(darkroom):
        await expect(completed).not_to_have_text("0", timeout=END_MILLISECONDS)
        with gateway_killed(darkroom):
            await expect(page.locator(".live-dot")).to_have_class("live-dot lost")
            await expect(page.locator(".status-bar")).to_contain_text("연결이 끊겼습니다", timeout=10_000)
            assert int(await completed.inner_text()) < PHOTOGRAPHS
            await page.route("**/pipeline/system", with_another_page)
        await expect(page.locator(".live-dot")).to_have_class("live-dot live", timeout=15_000)
        await expect(page.locator(".status-bar")).to_contain_text("새 버전의 페이지")
    await assert_developed(watched, "끊긴 화면", photographs)
    status = await status_of(watched.address, batch_id)
    await expect(page.locator(".batch")).to_have_attribute("data-version", str(status["version"]))
    assert status["status"] == "SUCCESS"
    watched.excuse(*LOST)


async def test_a_page_notices_that_its_gateway_hangs(watched: Watched, darkroom: RunningDarkroom) -> None:
    """Its connection stands, and nothing comes: not even that there is nothing new."""
    page = await watched.open("/")
    await expect(page.locator(".live-dot")).to_have_class("live-dot live")
    gateway = darkroom.processes["gateway"]
    gateway.signal(signal.SIGSTOP)
    try:
        await expect(page.locator(".status-bar")).to_contain_text("연결이 끊겼습니다", timeout=60_000)
    finally:
        gateway.signal(signal.SIGCONT)
    await expect(page.locator(".live-dot")).to_have_class("live-dot live", timeout=60_000)
    await expect(page.locator(".status-bar")).to_have_count(0)


async def with_another_page(route: Route) -> None:
    """Answer as a server of another release does."""
    answer = await (await route.fetch()).json()
    answer["data"]["page_version"] = "another"
    await route.fulfill(json=answer)


async def test_a_running_batch_is_paused_resumed_and_cancelled(
    watched: Watched, darkroom: RunningDarkroom, photographs: list[Path]
) -> None:
    """Each button becomes the next one and keeps the focus; what was not begun is left out, and each image counted."""
    with worker_held(darkroom):
        batch_id = await upload_files(watched.address, "멈추는 배치", photographs, chunk_size=2)
        page = await watched.open(f"/batches/{batch_id}")
        head = page.locator(".batch-head")
        state = head.locator("[data-figure=status]")
        await head.locator("[data-control=pause]").press("Enter")
        await expect(state).to_have_text("일시 정지")
        await expect(head.locator("[data-control=resume]")).to_be_focused()
        assert (await status_of(watched.address, batch_id))["paused"] is True
    await page.keyboard.press("Enter")
    await expect(head.locator("[data-control=pause]")).to_be_focused()
    await until_developing(watched.address, batch_id)
    # Or a quick worker would leave nothing to cancel.
    with worker_held(darkroom):
        await head.locator("[data-control=cancel]").press("Enter")
        async with page.expect_response(lambda response: response.url.endswith("/cancel")):
            await page.get_by_role("dialog").locator(".danger").press("Enter")
    await expect(state).to_have_text("취소됨", timeout=END_MILLISECONDS)
    status = await status_of(watched.address, batch_id)
    assert status["status"] == "REVOKED"
    for name in ("completed_images", "revoked_images"):
        await expect(head.locator(f"[data-figure={name}]")).to_have_text(str(status[name]))
    assert status["completed_images"] + status["revoked_images"] == PHOTOGRAPHS
    assert status["revoked_images"] > 0
    assert await page.evaluate("document.activeElement !== document.body")

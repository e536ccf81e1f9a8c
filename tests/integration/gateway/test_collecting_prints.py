"""Archives and contact sheets on a real socket: real prints taken home, and streams that break."""

import base64
import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from PIL import Image

from examples.sample_photographs import write_sample_photographs
from services.gateway.settings import GatewaySettings
from services.worker.imaging.developing import develop_image
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from shared.errors import StorageUnavailableError
from shared.object_keys import print_key
from shared.recipes import BUILT_IN_RECIPES
from tests.developed import BATCH_ID, Picture, record
from tests.integration.gateway.conftest import ServedGateway, serving

ARCHIVE = f"/pipeline/batch/{BATCH_ID}/archive"
SHEET = f"/pipeline/batch/{BATCH_ID}/contact-sheet"
MEBIBYTE = 1024 * 1024

Trouble = Callable[[ServedGateway, str, pytest.MonkeyPatch], Awaitable[None]]


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[ServedGateway]:
    """A gateway that gives one download at a time, so that one which does not end would be noticed."""
    settings = GatewaySettings(concurrent_downloads=1, download_idle_timeout_seconds=20, grace_seconds=1)
    async with serving(tmp_path / "objects", settings) as served:
        yield served


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Picture]:
    """Six photographs as the worker develops them, one with a Korean name, and one that failed."""
    paths = write_sample_photographs(tmp_path_factory.mktemp("photographs"), count=6, megapixels=0.2)
    recipe = BUILT_IN_RECIPES["web"]
    developed = [develop_image(ImageBytes(path.read_bytes()), recipe, ImageLimits()) for path in paths]
    made = [
        Picture(path.name, {made.output: made.data for made in image.outputs})
        for path, image in zip(paths, developed, strict=True)
    ]
    return [*made, Picture("broken.jpg")]


async def test_an_archive_opens_and_every_print_in_it_is_an_image(
    gateway: ServedGateway, pictures: list[Picture]
) -> None:
    """In Python and in Info-ZIP where there is one; the bytes are those of the single prints."""
    await record(gateway.ports, pictures)
    response = await gateway.client.get(ARCHIVE)
    assert response.headers["transfer-encoding"] == "chunked"
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 12
        assert any(re.search("[가-힣]", name) for name in archive.namelist())
        for info, index in zip(archive.infolist()[::2], range(6), strict=True):
            data = archive.read(info)
            Image.open(io.BytesIO(data)).load()
            single = await gateway.client.get(f"/pipeline/batch/{BATCH_ID}/images/{index}/web")
            assert single.content == data
    path = gateway.folder.parent / "prints.zip"
    path.write_bytes(response.content)
    check_with_unzip(path)


def check_with_unzip(path: Path) -> None:
    """Have Info-ZIP test an archive, where it is installed."""
    if shutil.which("unzip"):
        tested = subprocess.run(["unzip", "-t", str(path)], capture_output=True, check=False, timeout=30)
        assert tested.returncode == 0, tested.stdout + tested.stderr
        assert b"No errors detected" in tested.stdout


async def test_a_sheet_holds_images_that_open(gateway: ServedGateway, pictures: list[Picture]) -> None:
    """In the size that it says, and as many as were developed."""
    await record(gateway.ports, pictures)
    page = (await gateway.client.get(SHEET)).text
    shown = re.findall(r'<img src="data:(image/[a-z]+);base64,([^"]+)"', page)
    assert len(shown) == 6
    for media_type, data in shown:
        with Image.open(io.BytesIO(base64.b64decode(data))) as image:
            image.load()
            assert image.get_format_mimetype() == media_type
            assert max(image.size) <= 320
    assert page.endswith("</html>\n")


def large_pictures() -> list[Picture]:
    """More than sockets and pieces hold: the answer has begun long before it comes to the last one."""
    return [Picture(f"{number}.jpg", {"web": bytes(MEBIBYTE)}) for number in range(24)]


async def lose(gateway: ServedGateway, key: str, _: pytest.MonkeyPatch) -> None:
    """A print vanishes from the store."""
    await gateway.ports.objects.remove(key)


async def fail(gateway: ServedGateway, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store cannot be reached for this print."""
    get = gateway.ports.objects.get

    async def failing(asked: str) -> bytes:
        if asked == key:
            raise StorageUnavailableError("the store is away")
        return await get(asked)

    monkeypatch.setattr(gateway.ports.objects, "get", failing)


@pytest.mark.parametrize("trouble", [lose, fail])
@pytest.mark.parametrize("address", [ARCHIVE, SHEET])
async def test_what_breaks_half_way_breaks_visibly(
    gateway: ServedGateway, address: str, trouble: Trouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection ends before the answer does; what came is no archive and no whole page."""
    batch = await record(gateway.ports, large_pictures())
    await trouble(gateway, print_key(batch.id, 20, "web", "jpg"), monkeypatch)
    received = bytearray()

    async def receive() -> None:
        async with gateway.client.stream("GET", address) as response:
            assert response.status_code == 200
            async for piece in response.aiter_bytes():
                received.extend(piece)

    with pytest.raises(httpx.RemoteProtocolError):
        await receive()
    assert len(received) > 10 * MEBIBYTE
    assert not zipfile.is_zipfile(io.BytesIO(received))
    assert b'id="end"' not in received
    if (address, trouble) == (ARCHIVE, lose):
        # The next one, for which the place is free again, can say at which print it broke.
        answer = await gateway.client.get(address)
        assert (answer.status_code, answer.json()["error"]["details"]) == (404, {"index": 20, "output": "web"})
    else:
        with pytest.raises(httpx.RemoteProtocolError):
            await receive()


async def test_a_client_that_goes_away_costs_nothing_more(gateway: ServedGateway) -> None:
    """Its place is free for the next one."""
    await record(gateway.ports, large_pictures())
    for _ in range(3):
        async with gateway.client.stream("GET", ARCHIVE) as response:
            assert len(await anext(response.aiter_bytes())) > 0
    response = await gateway.client.get(ARCHIVE)
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert len(archive.namelist()) == 24


async def test_stopping_breaks_off_an_archive_that_is_under_way(gateway: ServedGateway) -> None:
    """After the grace period, and visibly."""
    await record(gateway.ports, large_pictures())

    async def receive() -> None:
        async with gateway.client.stream("GET", ARCHIVE) as response:
            pieces = response.aiter_bytes()
            await anext(pieces)
            gateway.stopping.set()
            await gateway.service
            async for _ in pieces:
                pass

    with pytest.raises(httpx.RemoteProtocolError):
        await receive()

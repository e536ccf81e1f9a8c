"""Archives over HTTP, without a network, and what they cost."""

import io
import tracemalloc
import zipfile
from contextlib import AsyncExitStack, aclosing

import pytest

from services.gateway.answers.errors import ApiError
from services.gateway.collecting.archive import LARGE_BYTES, Archives
from services.gateway.collecting.batch_images import READ_AT_ONCE
from shared.documents import REVOKED, Chunk, Outcome, Print
from shared.object_keys import print_key
from tests.developed import BATCH_ID, Picture, record
from tests.fakes import START, new_batch
from tests.unit.gateway.conftest import JPEG, Gateway

ADDRESS = f"/pipeline/batch/{BATCH_ID}/archive"
ENGLISH = {"Accept-Language": "en"}
TWO = {"web": JPEG, "thumbnail": JPEG[:50]}


async def unzipped(gateway: Gateway, address: str = ADDRESS) -> dict[str, bytes]:
    """The archive's entries by name, in order."""
    response = await gateway.client.get(address)
    assert response.status_code == 200, response.text
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


async def refusal(gateway: Gateway, address: str = ADDRESS) -> tuple[int, str]:
    """Status and code."""
    response = await gateway.client.get(address)
    return response.status_code, response.json()["error"]["code"]


async def test_an_archive_holds_every_print_in_the_order_of_the_upload(gateway: Gateway) -> None:
    """Under names of their own, though three originals have the same; those that failed have none."""
    pictures = [Picture("제주.jpg", TWO), Picture("b.jpg"), Picture("../제주.jpg", TWO), Picture("제주.png", TWO)]
    await record(gateway.ports, pictures)
    entries = await unzipped(gateway)
    assert list(entries) == [
        "0-제주-web.jpg",
        "0-제주-thumbnail.jpg",
        "2-제주-web.jpg",
        "2-제주-thumbnail.jpg",
        "3-제주-web.jpg",
        "3-제주-thumbnail.jpg",
    ]
    assert set(entries.values()) == {JPEG, JPEG[:50]}


async def test_the_same_batch_is_the_same_archive(gateway: Gateway) -> None:
    """Byte for byte, whenever it is asked for."""
    await record(gateway.ports, [Picture("a.jpg", TWO)])
    first = await gateway.client.get(ADDRESS)
    gateway.clock.step(3600)
    assert (await gateway.client.get(ADDRESS)).content == first.content


async def test_an_archive_may_be_of_one_output(gateway: Gateway) -> None:
    """And says so in its name."""
    await record(gateway.ports, [Picture("a.jpg", TWO), Picture("b.jpg", TWO)], name="여름/휴가")
    address = f"{ADDRESS}?output=thumbnail"
    assert list(await unzipped(gateway, address)) == ["0-a-thumbnail.jpg", "1-b-thumbnail.jpg"]
    headers = (await gateway.client.get(address)).headers
    assert headers["content-type"] == "application/zip"
    assert headers["content-disposition"] == (
        'attachment; filename="_____-thumbnail.zip"; '
        "filename*=UTF-8''%EC%97%AC%EB%A6%84_%ED%9C%B4%EA%B0%80-thumbnail.zip"
    )
    assert headers["cache-control"] == "private, no-store"


async def test_batches_of_many_pages_are_whole(gateway: Gateway) -> None:
    """Every image of every page, once."""
    count = 2 * READ_AT_ONCE + 3
    await record(gateway.ports, [Picture("a.jpg", {"web": b"%d" % number}) for number in range(count)])
    entries = await unzipped(gateway)
    assert list(entries.values()) == [b"%d" % number for number in range(count)]


async def test_large_prints_are_checked_too(gateway: Gateway) -> None:
    """Their checksums come from a thread."""
    large = bytes(range(256)) * (LARGE_BYTES // 256 + 1)
    await record(gateway.ports, [Picture("a.jpg", {"web": large, "thumbnail": b"small"})])
    assert await unzipped(gateway) == {"0-a-web.jpg": large, "0-a-thumbnail.jpg": b"small"}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"status": "STARTED"}, "batch_running"),
        ({"status": "PENDING", "generation": 1}, "batch_running"),
        ({"status": "STARTED", "stop": "cancelled"}, "batch_stopping"),
    ],
)
async def test_a_batch_that_has_not_ended_has_no_archive_yet(
    gateway: Gateway, fields: dict[str, object], code: str
) -> None:
    """Rather than one of what there happens to be."""
    await record(gateway.ports, [Picture("a.jpg", TWO)], **fields)
    assert await refusal(gateway) == (409, code)


async def test_a_deleted_batch_has_no_archive(gateway: Gateway) -> None:
    """It is as if it had never been."""
    await record(gateway.ports, [Picture("a.jpg", TWO)], deleted_at=START)
    assert await refusal(gateway) == (404, "batch_not_found")


async def test_a_batch_without_prints_has_no_archive(gateway: Gateway) -> None:
    """With a sentence, not an empty file; whatever output was asked for."""
    await record(gateway.ports, [Picture("a.jpg"), Picture("b.jpg", otherwise=REVOKED)])
    assert await refusal(gateway) == (404, "no_prints")
    assert await refusal(gateway, f"{ADDRESS}?output=x") == (404, "no_prints")


async def test_an_output_that_nobody_made_is_refused(gateway: Gateway) -> None:
    """Naming those that there are."""
    await record(gateway.ports, [Picture("a.jpg", TWO)])
    response = await gateway.client.get(f"{ADDRESS}?output=poster", headers=ENGLISH)
    assert response.status_code == 404
    error = response.json()["error"]
    assert (error["code"], error["details"]) == ("output_unknown", {"choices": ["thumbnail", "web"]})
    assert "thumbnail, web" in error["message"]


async def test_a_print_that_is_missing_from_the_start_is_named(gateway: Gateway) -> None:
    """While an error can still be answered."""
    await record(gateway.ports, [Picture("a.jpg", TWO)])
    await gateway.ports.objects.remove(print_key(BATCH_ID, 0, "thumbnail", "jpg"))
    assert await refusal(gateway) == (404, "print_missing")


@pytest.mark.parametrize("kind", ["GET", "HEAD"])
@pytest.mark.parametrize("stored", [None, JPEG[:20], JPEG + b"more"], ids=["missing", "shorter", "longer"])
async def test_a_single_print_that_is_not_whole_is_named(gateway: Gateway, kind: str, stored: bytes | None) -> None:
    """With the image's index, by which a retry makes it again; HEAD has the same status."""
    await record(gateway.ports, [Picture("a.jpg", TWO), Picture("b.jpg", TWO)])
    key = print_key(BATCH_ID, 1, "web", "jpg")
    await (gateway.ports.objects.put(key, stored) if stored else gateway.ports.objects.remove(key))
    response = await gateway.client.request(kind, f"/pipeline/batch/{BATCH_ID}/images/1/web", headers=ENGLISH)
    assert response.status_code == 404
    if kind == "GET":
        error = response.json()["error"]
        assert error["code"] == ("print_damaged" if stored else "print_missing")
        assert error["details"] == {"index": 1, "output": "web"}
        assert "indexes: [1]" in error["message"]


async def test_an_archive_with_a_print_that_is_not_whole_is_no_archive(gateway: Gateway) -> None:
    """Also not once it has been sent half-way: whoever asks again is told which print it is."""
    await record(gateway.ports, [Picture("a.jpg", {"web": bytes(200_000)}), Picture("b.jpg", TWO)])
    await gateway.ports.objects.put(print_key(BATCH_ID, 1, "web", "jpg"), JPEG[:20])
    with pytest.raises(zipfile.BadZipFile):
        await unzipped(gateway)  # a real server breaks the connection
    response = await gateway.client.get(ADDRESS)
    assert (response.status_code, response.json()["error"]["code"]) == (404, "print_damaged")
    assert response.json()["error"]["details"] == {"index": 1, "output": "web"}
    thumbnails = await unzipped(gateway, f"{ADDRESS}?output=thumbnail")
    assert list(thumbnails) == ["1-b-thumbnail.jpg"]
    assert await refusal(gateway) == (404, "print_damaged"), "an archive of other prints knows nothing of it"
    await gateway.ports.objects.put(print_key(BATCH_ID, 1, "web", "jpg"), JPEG)
    assert len(await unzipped(gateway)) == 3


async def test_prints_of_earlier_generations_are_part_of_it_and_later_ones_are_not(gateway: Gateway) -> None:
    """The archive is that of the batch's state when it was asked for, whatever a retry makes meanwhile."""
    pictures = [Picture("a.jpg", {"web": b"first"}), Picture("b.jpg", otherwise=None)]
    batch = await record(gateway.ports, pictures, status="REVOKED")
    made = Print(output="web", extension="jpg", media_type="image/jpeg", width=4, height=3, size_bytes=6, generation=1)
    retried = Chunk(batch_id=batch.id, number=1, generation=1, indexes=(1,), lease_until=START)
    await gateway.ports.chunks.add([retried.folded({1: Outcome(state="completed", prints=(made,))})])
    await gateway.ports.objects.put(print_key(batch.id, 1, "web", "jpg", 1), b"second")
    assert await unzipped(gateway) == {"0-a-web.jpg": b"first"}
    await gateway.ports.batches.change(batch.id, lambda batch: batch.changed(START, generation=1, completed_images=2))
    assert await unzipped(gateway) == {"0-a-web.jpg": b"first", "1-b-web.jpg": b"second"}


async def test_an_archive_of_a_batch_that_is_deleted_half_way_has_no_end(gateway: Gateway) -> None:
    """Also when all prints that had been listed by then could still be read."""
    batch = await record(gateway.ports, [Picture("a.jpg", {"web": b"%d" % n}) for n in range(READ_AT_ONCE + 1)])

    async def take() -> None:
        async with aclosing(gateway.parts.archives.pieces(batch)) as pieces:
            await anext(pieces)
            await gateway.ports.batches.change(batch.id, lambda batch: batch.deleted(START))
            async for _ in pieces:
                pass

    with pytest.raises(ApiError, match="batch_not_found"):
        await take()


async def test_a_download_too_many_is_refused_once_it_has_waited(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A place is free again as soon as an answer has ended."""
    await record(gateway.ports, [Picture("a.jpg", TWO)])
    downloads, places = gateway.parts.downloads, gateway.parts.settings.concurrent_downloads
    monkeypatch.setattr(downloads, "_patience_seconds", 0.01)
    async with AsyncExitStack() as others:
        for _ in range(places - 1):
            await others.enter_async_context(downloads.enter())
        for _ in range(2):
            assert (await gateway.client.get(ADDRESS)).status_code == 200
        await others.enter_async_context(downloads.enter())
        for path in ("archive", "contact-sheet"):
            response = await gateway.client.get(f"/pipeline/batch/{BATCH_ID}/{path}")
            assert (response.status_code, response.json()["error"]["code"]) == (503, "too_many_downloads")
            assert response.headers["retry-after"]
    await downloads.wait_until_empty()


class ManyPrints:
    """An object store that makes a print of 64 KiB whenever one is asked for."""

    SIZE = 64 * 1024

    async def get(self, key: str) -> bytes:
        """See `ObjectStore`."""
        return key.encode().ljust(self.SIZE, b"\0")


async def test_an_archive_of_many_prints_costs_no_more_memory_than_one_of_few(gateway: Gateway) -> None:
    """190 MB pass, and the same few megabytes are held throughout."""
    count = 3000
    prints = tuple(
        Print(output=name, extension="jpg", media_type="image/jpeg", width=1, height=1, size_bytes=ManyPrints.SIZE)
        for name in ("web", "thumbnail")
    )
    outcome = Outcome(state="completed", prints=prints[:1])
    batch = new_batch(BATCH_ID, total_images=count).model_copy(update={"status": "SUCCESS", "completed_images": count})
    await record(gateway.ports, [Picture("a.jpg", otherwise=outcome)] * count)
    archives = Archives(gateway.parts.archives.images, ManyPrints())  # type: ignore[arg-type]  # it only gets
    passed = 0
    tracemalloc.start()
    async for piece in archives.pieces(batch):
        passed += len(piece)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert passed > count * ManyPrints.SIZE
    assert peak < 12 * 1024 * 1024


async def test_head_of_an_archive_is_refused_as_the_archive_would_be(gateway: Gateway) -> None:
    """Its status and headers are those of GET."""
    await record(gateway.ports, [Picture("a.jpg", TWO)])
    head, get = await gateway.client.head(ADDRESS), await gateway.client.get(ADDRESS)
    assert head.headers["content-type"] == "application/zip"
    assert "content-length" not in head.headers
    assert (head.status_code, head.content, head.headers["content-disposition"]) == (
        200,
        b"",
        get.headers["content-disposition"],
    )
    assert (await gateway.client.head(f"{ADDRESS}?output=poster")).status_code == 404
    await gateway.ports.objects.remove(print_key(BATCH_ID, 0, "web", "jpg"))
    assert (await gateway.client.head(ADDRESS)).status_code == 404

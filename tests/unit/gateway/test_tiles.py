"""Many images at once in brief, over HTTP: what each tile says, how few bytes it takes, and what is read for it."""

from collections.abc import Sequence
from typing import Any

import pytest

from services.gateway.collecting.image_pages import Images
from shared.documents import (
    Chunk,
    ColourShare,
    ManifestEntry,
    ManifestPage,
    Original,
    Outcome,
    Print,
    Readings,
)
from tests.fakes import START, new_batch
from tests.unit.gateway.conftest import Gateway

BLURHASH = "LEHV6nWB2yk8pyo0adR*.7kCMdnj"
COLOURS = (ColourShare(colour="#8a5a2b", share=0.4), ColourShare(colour="#ffffff", share=0.1))
BATCH = "3f0f4a52-8a51-4bd8-9d52-4f4f6f1b9c11"


def made(output: str, width: int, height: int, generation: int = 0) -> Print:
    """A print of that size."""
    return Print(
        output=output,
        extension="jpg",
        media_type="image/jpeg",
        width=width,
        height=height,
        size_bytes=1,
        generation=generation,
    )


def completed(*prints: Print, readings: Readings | None = None) -> Outcome:
    """An image with these prints."""
    original = Original(width=4032, height=3024, format="jpeg", readings=readings)
    return Outcome(state="completed", prints=prints, original=original)


WEB_AND_THUMBNAIL = made("web", 1600, 1200), made("thumbnail", 320, 240)
EVERY_KIND: dict[int, Outcome] = {
    0: completed(*WEB_AND_THUMBNAIL, readings=Readings(exif={"Make": "ACME"}, colours=COLOURS, blurhash=BLURHASH)),
    1: completed(*WEB_AND_THUMBNAIL, readings=Readings(colours=COLOURS)),
    2: completed(made("web", 200, 100, generation=2)),
    3: Outcome(state="failed", code="unreadable", message="This is not an image."),
    4: Outcome(state="revoked"),
}
TILES: list[dict[str, Any]] = [
    {"index": 0, "name": "0.jpg", "state": "completed", "width": 320, "height": 240, "placeholder": BLURHASH},
    {"index": 1, "name": "1.jpg", "state": "completed", "width": 320, "height": 240, "colour": "#8a5a2b"},
    {"index": 2, "name": "2.jpg", "state": "completed", "width": 200, "height": 100, "output": "web", "generation": 2},
    {"index": 3, "name": "3.jpg", "state": "failed", "code": "unreadable"},
    {"index": 4, "name": "4.jpg", "state": "revoked"},
    {"index": 5, "name": "5.jpg", "state": "pending"},
]


async def record(gateway: Gateway, outcomes: dict[int, Outcome], total_images: int) -> str:
    """A batch of one chunk with these outcomes; the address of its tiles."""
    await gateway.ports.batches.add(new_batch(BATCH, total_images=total_images, chunk_size=total_images))
    entries = tuple(ManifestEntry(index=index, name=f"{index}.jpg", size_bytes=1) for index in range(total_images))
    await gateway.ports.manifests.add(ManifestPage(batch_id=BATCH, page=0, entries=entries))
    chunk = Chunk(batch_id=BATCH, number=0, indexes=tuple(range(total_images)), lease_until=START)
    await gateway.ports.chunks.add([chunk.folded(outcomes)])
    return f"/pipeline/batch/{BATCH}/tiles"


async def test_a_tile_says_what_a_thumbnail_needs_and_leaves_out_what_has_no_value(gateway: Gateway) -> None:
    """One of each kind; the print that most of them show is named once."""
    path = await record(gateway, EVERY_KIND, 6)
    answer = (await gateway.client.get(path)).json()
    assert answer == {"success": True, "data": {"output": "thumbnail", "images": TILES, "next_cursor": None}}


async def test_tiles_without_prints_have_no_output(gateway: Gateway) -> None:
    """As of a batch that has just been uploaded."""
    path = await record(gateway, {}, 2)
    data = (await gateway.client.get(path)).json()["data"]
    assert (data["output"], [tile["state"] for tile in data["images"]]) == (None, ["pending", "pending"])


@pytest.mark.parametrize(
    ("query", "indexes", "next_cursor"),
    [
        ("limit=2", [0, 1], "2"),
        ("cursor=4&limit=2", [4, 5], None),
        ("cursor=6", [], None),
        ("cursor=999999999", [], None),
        ("outcome=completed&limit=2", [0, 1], "2"),
        ("outcome=pending", [5], None),
        ("code=unreadable", [3], None),
        ("code=unreadable&outcome=completed", [], None),
        ("code=nosuch", [], None),
    ],
)
async def test_tiles_are_paged_and_filtered(
    gateway: Gateway, query: str, indexes: list[int], next_cursor: str | None
) -> None:
    """Any index is a cursor; the list of images takes the same filters."""
    path = await record(gateway, EVERY_KIND, 6)
    for address in (path, path.replace("tiles", "images")):
        data = (await gateway.client.get(f"{address}?{query}")).json()["data"]
        assert ([tile["index"] for tile in data["images"]], data["next_cursor"]) == (indexes, next_cursor)


@pytest.mark.parametrize(
    "query", ["cursor=x", "cursor=-1", "cursor=9999999999", "limit=0", "limit=1001", "outcome=lost", f"code={'c' * 65}"]
)
async def test_a_bad_page_of_tiles_is_an_error(gateway: Gateway, query: str) -> None:
    """In the envelope."""
    path = await record(gateway, {}, 1)
    response = await gateway.client.get(f"{path}?{query}")
    assert (response.status_code, response.json()["error"]["code"]) == (422, "invalid_request")


async def test_tiles_of_an_unknown_batch_are_not_found(gateway: Gateway) -> None:
    """Also for a client that has an entity tag."""
    response = await gateway.client.get(f"/pipeline/batch/{BATCH}/tiles", headers={"If-None-Match": "*"})
    assert (response.status_code, response.json()["error"]["code"]) == (404, "batch_not_found")


async def test_a_tile_of_a_photograph_takes_at_most_90_bytes(gateway: Gateway) -> None:
    """With its comma and a camera's name, developed by the recipe `web`; a placeholder takes 45 more."""
    outcomes = dict.fromkeys(range(1000), completed(*WEB_AND_THUMBNAIL))
    path = await record(gateway, outcomes, 1000)
    entries = tuple(ManifestEntry(index=index, name=f"IMG_{index:04}.jpg", size_bytes=1) for index in range(1000))
    await gateway.ports.manifests.remove(BATCH)
    await gateway.ports.manifests.add(ManifestPage(batch_id=BATCH, page=0, entries=entries))
    response = await gateway.client.get(path)
    assert len(response.json()["data"]["images"]) == 1000
    assert len(response.content) / 1000 <= 90


async def test_tiles_of_an_unmoved_batch_are_not_read_again(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """A 304 comes before any image is read; once the batch has moved, the tiles come with another tag."""
    path = await record(gateway, EVERY_KIND, 6)
    first = await gateway.client.get(path)
    assert first.headers["cache-control"] == "private, no-cache"

    async def fail(*_range: object) -> Sequence[object]:
        raise AssertionError

    with monkeypatch.context() as unread:
        unread.setattr(gateway.ports.manifests, "entries", fail)
        again = await gateway.client.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    await gateway.ports.batches.change(BATCH, lambda batch: batch.changed(START, completed_images=3))
    moved = await gateway.client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (moved.status_code, moved.headers["etag"] != first.headers["etag"]) == (200, True)


class CountedReads:
    """Stores of a batch of a million images that count what is asked of them."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int, int]] = []

    async def add(self, page: ManifestPage) -> None:
        """See `ManifestStore`; unused."""
        raise NotImplementedError

    async def remove(self, batch_id: str) -> None:
        """See `ManifestStore`; unused."""
        raise NotImplementedError

    async def entries(self, _batch_id: str, first: int, count: int) -> Sequence[ManifestEntry]:
        """See `ManifestStore`."""
        self.asked.append(("entries", first, count))
        return [ManifestEntry(index=index, name=f"{index}.jpg", size_bytes=1) for index in range(first, first + count)]

    async def sketched(self, _batch_id: str, first: int, count: int) -> Sequence[Chunk]:
        """See `ChunkReader`."""
        self.asked.append(("sketched", first, count))
        return []


@pytest.mark.parametrize(("first", "read"), [(0, 1000), (765_432, 1000), (999_900, 100)])
async def test_a_page_of_a_million_images_reads_no_more_than_itself(first: int, read: int) -> None:
    """Wherever it begins: nothing before it is read or counted."""
    stores = CountedReads()
    page = await Images(stores, stores.sketched).page(new_batch(total_images=1_000_000), first, 1000)
    assert [image.entry.index for image in page.images] == list(range(first, first + read))
    assert stores.asked == [("entries", first, read), ("sketched", first, read)]

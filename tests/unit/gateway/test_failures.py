"""Why images of a batch failed, over HTTP: counts that are the batch's, and examples that are few reads away."""

from typing import Any

import pytest

from services.gateway.collecting.failure_causes import FailureCauses
from services.gateway.collecting.image_pages import Images
from shared.documents import Batch, Chunk, ChunkSummary, Outcome
from tests.fakes import START, new_batch
from tests.unit.gateway.conftest import Gateway
from tests.unit.gateway.test_tiles import BATCH, CountedReads, record

ADDRESS = f"/pipeline/batch/{BATCH}/failures"
ENGLISH = {"Accept-Language": "en"}


def failed(code: str, message: str = "It is a PDF.") -> Outcome:
    """An image that failed."""
    return Outcome(state="failed", code=code, message=message)


async def count(gateway: Gateway, **codes: int) -> None:
    """Have the batch count failed images as the tracker would."""
    await gateway.ports.batches.change(
        BATCH, lambda batch: batch.changed(START, failed_images=sum(codes.values()), failure_codes=codes)
    )


async def listed(gateway: Gateway, headers: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """The groups of the batch's failures."""
    response = await gateway.client.get(ADDRESS, headers=headers or ENGLISH)
    assert response.status_code == 200
    groups: list[dict[str, Any]] = response.json()["data"]["failures"]
    return groups


async def test_failures_are_grouped_by_cause(gateway: Gateway) -> None:
    """Most images first, with a sentence, examples, what their names say, and whether trying again helps."""
    outcomes = dict.fromkeys(range(7), failed("unreadable")) | {8: failed("storage_unavailable"), 9: failed("newer")}
    await record(gateway, outcomes, 10)
    await count(gateway, storage_unavailable=1, unreadable=7, newer=1)
    unreadable, newer, away = await listed(gateway)
    assert unreadable == {
        "code": "unreadable",
        "sentence": "The image is damaged, or is no image. Check the original and upload it again.",
        "images": 7,
        "examples": [{"index": index, "name": f"{index}.jpg"} for index in range(5)],
        "formats": {"jpeg": 5},
        "formats_of": 5,
        "retryable": False,
    }
    assert (away["code"], away["images"], away["retryable"]) == ("storage_unavailable", 1, True)
    assert away["examples"] == [{"index": 8, "name": "8.jpg"}]
    assert (newer["code"], newer["sentence"], newer["retryable"]) == ("newer", "newer", False)


async def test_failures_are_explained_in_the_readers_language(gateway: Gateway) -> None:
    """Korean unless English is preferred."""
    await record(gateway, {0: failed("timeout")}, 1)
    await count(gateway, timeout=1)
    [korean], [english] = await listed(gateway, {"Accept-Language": "ko"}), await listed(gateway)
    assert "시간" in korean["sentence"]
    assert english["sentence"].startswith("Developing this image takes longer")


async def test_a_batch_without_failures_has_no_groups(gateway: Gateway) -> None:
    """It says how many were revoked."""
    await record(gateway, {}, 3)
    await gateway.ports.batches.change(BATCH, lambda batch: batch.changed(START, revoked_images=2))
    data = (await gateway.client.get(ADDRESS)).json()["data"]
    assert data == {"failures": [], "revoked_images": 2}


async def test_a_cause_that_is_counted_alone_has_no_examples(gateway: Gateway) -> None:
    """As one that an earlier version has counted; the figures stay the batch's."""
    await record(gateway, {0: failed("unreadable")}, 1)
    await count(gateway, unrecorded=1)
    [group] = await listed(gateway)
    assert (group["images"], group["examples"], group["formats"], group["formats_of"]) == (1, [], {}, 0)


async def test_what_was_retried_is_no_example_any_more(gateway: Gateway) -> None:
    """Only what the batch counts now."""
    await record(gateway, {0: failed("timeout"), 1: failed("timeout")}, 2)
    again = Chunk(batch_id=BATCH, number=1, generation=1, indexes=(0, 1), lease_until=START)
    await gateway.ports.chunks.add([again.folded({0: Outcome(state="completed"), 1: failed("timeout")})])
    await gateway.ports.batches.change(BATCH, lambda batch: batch.changed(START, generation=1))
    await count(gateway, timeout=1)
    [group] = await listed(gateway)
    assert group["examples"] == [{"index": 1, "name": "1.jpg"}]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.JPG", "jpeg"), ("a.png", "png"), ("a", "unknown"), ("a.tar.gz", "gz"), ("x/.jpg", "unknown")],
)
async def test_a_format_is_what_the_name_says(gateway: Gateway, name: str, expected: str) -> None:
    """A failed file proves no other."""
    response = await gateway.upload((name, b"\xff\xd8\xff\xe0" + bytes(100)))
    batch_id = response.json()["data"]["batch_id"]
    chunk = Chunk(batch_id=batch_id, number=0, indexes=(0,), lease_until=START)
    await gateway.ports.chunks.add([chunk.folded({0: failed("unreadable")})])
    await gateway.ports.batches.change(
        batch_id, lambda batch: batch.changed(START, failed_images=1, failure_codes={"unreadable": 1})
    )
    data = (await gateway.client.get(f"/pipeline/batch/{batch_id}/failures")).json()["data"]
    assert data["failures"][0]["formats"] == {expected: 1}


async def test_failures_of_an_unmoved_batch_are_not_read_again(gateway: Gateway) -> None:
    """But are another answer in another language."""
    await record(gateway, {0: failed("timeout")}, 1)
    await count(gateway, timeout=1)
    first = await gateway.client.get(ADDRESS, headers=ENGLISH)
    known = {"If-None-Match": first.headers["etag"]}
    again = await gateway.client.get(ADDRESS, headers={**ENGLISH, **known})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["vary"] == "Accept-Language"
    assert (await gateway.client.get(ADDRESS, headers=known)).status_code == 200
    await count(gateway, timeout=1, crashed=1)
    assert (await gateway.client.get(ADDRESS, headers={**ENGLISH, **known})).status_code == 200


class ManyFailures(CountedReads):
    """A million images, all failed for one of two causes."""

    async def get(self, chunk_id: str) -> Chunk | None:
        """See `ChunkReader`; unused."""
        raise NotImplementedError(chunk_id)

    async def overlapping(self, batch_id: str, first: int, count: int) -> list[Chunk]:
        """See `ChunkReader`; unused."""
        raise NotImplementedError(batch_id, first, count)

    async def summaries(
        self, batch_id: str, first: tuple[int, int], last_generation: int, limit: int
    ) -> list[ChunkSummary]:
        """Nobody lists chunks."""
        raise NotImplementedError(batch_id, first, last_generation, limit)

    async def failing(self, batch_id: str, code: str, limit: int) -> list[Chunk]:
        """See `ChunkReader`."""
        self.asked.append((code, 0, limit))
        return [self._chunk(batch_id, number, code) for number in range(limit)]

    async def sketched(self, batch_id: str, first: int, count: int) -> list[Chunk]:
        """See `ChunkReader`."""
        await super().sketched(batch_id, first, count)
        return [self._chunk(batch_id, first // 10, "timeout")]

    def _chunk(self, batch_id: str, number: int, code: str) -> Chunk:
        indexes = tuple(range(number * 10, number * 10 + 10))
        chunk = Chunk(batch_id=batch_id, number=number, indexes=indexes, lease_until=START)
        return chunk.folded(dict.fromkeys(indexes, failed(code)))


async def test_failures_of_a_million_images_take_few_reads() -> None:
    """Five examples of what is found, and an end of the search for what is not what it was any more."""
    stores = ManyFailures()
    codes = {"failure_codes": {"timeout": 500_001, "crashed": 499_999}, "failed_images": 1_000_000}
    batch: Batch = new_batch(total_images=1_000_000).model_copy(update=codes)
    timeout, crashed = await FailureCauses(stores, Images(stores, stores.sketched)).of(batch)
    assert [entry.index for entry in timeout.examples] == [0, 1, 2, 3, 4]
    assert (timeout.images, crashed.images, crashed.examples) == (500_001, 499_999, [])
    assert sum(count for kind, _, count in stores.asked if kind in {"entries", "sketched"}) <= 30

"""Chunks over HTTP: how each went, and when."""

from datetime import timedelta
from typing import Any

from shared.documents import Chunk, Outcome
from tests.fakes import START, new_batch
from tests.unit.gateway.conftest import Gateway

BATCH = "3f0f4a52-8a51-4bd8-9d52-4f4f6f1b9c11"
CHUNKS = f"/pipeline/batch/{BATCH}/chunks"
DONE, FAILED = Outcome(state="completed"), Outcome(state="failed", code="timeout")


def a_chunk(number: int, generation: int = 0) -> Chunk:
    """A chunk of three images, released when the batch began."""
    indexes = tuple(range(3 * number, 3 * number + 3))
    return Chunk(
        batch_id=BATCH, number=number, generation=generation, indexes=indexes, lease_until=START, released_at=START
    )


async def listed(gateway: Gateway, **query: object) -> tuple[list[dict[str, Any]], str | None]:
    """The chunks of a page, and the cursor of the next."""
    params = {name: str(value) for name, value in query.items()}
    data = (await gateway.client.get(CHUNKS, params=params)).json()["data"]
    return data["chunks"], data["next_cursor"]


async def test_a_chunk_says_how_it_went_and_when(gateway: Gateway) -> None:
    """Counts, the worker that had it, and the moments from its release to its end."""
    await gateway.ports.batches.add(new_batch(BATCH))
    held = a_chunk(0).claimed("w", START, START + timedelta(seconds=1))
    await gateway.ports.chunks.add([held.folded({0: DONE, 1: FAILED, 2: DONE}, START + timedelta(seconds=9.25))])
    assert await listed(gateway) == (
        [
            {
                "number": 0,
                "generation": 0,
                "images": 3,
                "first_index": 0,
                "last_index": 2,
                "completed": 2,
                "failed": 1,
                "revoked": 0,
                "settled": True,
                "gave_up": False,
                "worker": "w",
                "attempts": 1,
                "retries": 0,
                "losses": 0,
                "released_at": "2025-01-15T10:30:00.000Z",
                "claimed_at": "2025-01-15T10:30:01.000Z",
                "settled_at": "2025-01-15T10:30:09.250Z",
            }
        ],
        None,
    )


async def test_pages_of_chunks_follow_each_other(gateway: Gateway) -> None:
    """Of the present generation, of an earlier one, or of all; each once, to the end."""
    await gateway.ports.batches.add(new_batch(BATCH).model_copy(update={"generation": 2}))
    await gateway.ports.chunks.add([a_chunk(number, number // 4) for number in range(12)])
    for query, numbers in (({}, range(8, 12)), ({"generation": 1}, range(4, 8)), ({"all": "true"}, range(12))):
        seen: list[int] = []
        cursor: str | None = ""
        while cursor is not None:
            page, cursor = await listed(gateway, **query, limit=3, cursor=cursor)
            seen += [chunk["number"] for chunk in page]
        assert seen == list(numbers), query
    assert await listed(gateway, generation=3) == ([], None)


async def test_chunks_of_a_later_generation_are_not_the_batchs_yet(gateway: Gateway) -> None:
    """A retry that began since the batch was read."""
    await gateway.ports.batches.add(new_batch(BATCH))
    await gateway.ports.chunks.add([a_chunk(0), a_chunk(1, generation=1)])
    for query in ({}, {"all": "true"}):
        assert [chunk["number"] for chunk in (await listed(gateway, **query))[0]] == [0]
    assert (await listed(gateway, generation=1))[0] == []


async def test_a_strange_cursor_is_refused(gateway: Gateway) -> None:
    """It is given out by the page before, and is nothing to write."""
    await gateway.ports.batches.add(new_batch(BATCH))
    for cursor in ("1", "a-b", "-1-1", "1-1-1"):
        assert (await gateway.client.get(CHUNKS, params={"cursor": cursor})).status_code == 422

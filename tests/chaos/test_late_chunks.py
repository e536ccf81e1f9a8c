"""A fault that chance brings about too rarely, step by step: chunks that are recorded after their batch has ended."""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

from tests.chaos.client import Client
from tests.chaos.ledger import Upload
from tests.chaos.pictures import draw_picture
from tests.chaos.points import CrashPoint
from tests.chaos.system import System, running_system
from tests.chaos.verdict import Recorded
from tests.conftest import do_without
from tests.servers import ServerUnavailable, own_servers

SECONDS = 90.0
ADDING = CrashPoint("chunker", "chunks.add", "before")
CUTTING_OFF = (
    CrashPoint("chunker", "chunks.revoke_rest", "before"),
    CrashPoint("chunker", "chunks.revoke_rest", "after"),
)


async def until(condition: Callable[[], object], what: str) -> None:
    """Return once the condition holds; AssertionError when it does not in time."""
    try:
        async with asyncio.timeout(SECONDS):
            while not await asyncio.to_thread(condition):  # noqa: ASYNC110 - other processes
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"not within {SECONDS:.0f} s: {what}") from None


async def record_late(system: System) -> str:
    """Have a chunker stand still between reading a batch and recording its chunks while the batch is cancelled."""
    rng = random.Random(1)
    upload = Upload("late", tuple(draw_picture(rng, "healthy") for _ in range(6)), "web", "normal", chunk_size=3)
    client = Client(system.gateway_urls, rng)
    system.orders.arm(0, ADDING, 1, "freeze")
    batch_id = str((await client.upload(upload))["batch_id"])
    await until(lambda: system.orders.taken_by(0), "a chunker stands still")
    assert await client.control(batch_id, "cancel") == (200, None)
    await until(lambda: recorded(system, batch_id).batches[0].status == "REVOKED", "the batch ends without chunks")
    await client.close()
    system.orders.withdraw(0, ADDING)
    for place in system.places.values():
        place.wake(system.orders.taken_by(0) or 0)
    return batch_id


def recorded(system: System, batch_id: str) -> Recorded:
    """What the database says of the one batch."""
    found = Recorded.read(system.mongodb_url)
    assert [batch.id for batch in found.batches] == [batch_id]
    return found


async def revoked_by_chunkers_that_die(folder: Path) -> None:
    """Kill one chunker before and one after it has revoked the late chunks: the next one does it."""
    with own_servers() as servers:
        async with running_system(folder, servers, lambda *_: None) as system:
            for number, point in enumerate(CUTTING_OFF, 1):
                system.orders.arm(number, point, 1, "die")
            batch_id = await record_late(system)
            await until(lambda: all(system.orders.taken_by(number) for number in (1, 2)), "two chunkers die")
            await until(
                lambda: (chunks := recorded(system, batch_id).chunks[batch_id]) and all(c.settled for c in chunks),
                "every late chunk is settled",
            )
            [batch] = recorded(system, batch_id).batches
            assert (batch.status, batch.revoked_images, batch.completed_images) == ("REVOKED", 6, 0)
            assert len(recorded(system, batch_id).chunks[batch_id]) == 2
        assert [problem for place in system.places.values() for problem in place.unexpected] == []


def test_chunks_of_an_ended_batch_are_revoked_however_often_a_chunker_dies(tmp_path: Path) -> None:
    """Nobody develops them, and the batch stays as it ended."""
    try:
        asyncio.run(revoked_by_chunkers_that_die(tmp_path))
    except ServerUnavailable as unavailable:
        do_without(unavailable)

"""Watched batches are read once for all who watch, when they move and regularly."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.gateway.batches.progress_feed import LatestBatch, ProgressFeed
from shared.adapters.memory_documents import MemoryBatches
from shared.documents import Batch
from shared.errors import DocumentsUnavailableError
from tests.fakes import START, HastyStopping, new_batch, until


class CountingBatches(MemoryBatches):
    """Batches that count how often they are read, and fail as often as they are told."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0
        self.failures = 0

    async def get(self, batch_id: str) -> Batch | None:
        """The batch, or the failure that was ordered."""
        self.reads += 1
        if self.failures:
            self.failures -= 1
            raise DocumentsUnavailableError("away")
        return await super().get(batch_id)


class Stage:
    """A running feed and what it stands on."""

    def __init__(self, *, refresh_seconds: float = 3600) -> None:
        self.batches = CountingBatches()
        self.stopping = HastyStopping()
        self.feed = ProgressFeed(self.batches, interval_seconds=0.001, refresh_seconds=refresh_seconds)

    async def move(self, batch_id: str, completed_images: int) -> Batch:
        """A change of the batch, not hinted at."""
        return await self.batches.change(
            batch_id, lambda batch: batch.changed(START, completed_images=completed_images)
        )


@asynccontextmanager
async def running(stage: Stage) -> AsyncIterator[None]:
    """The feed, running and connected."""
    task = asyncio.create_task(stage.feed.run(stage.stopping))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    try:
        yield
    finally:
        stage.stopping.set()
        await task


async def test_a_move_brings_the_newest_state_to_every_watcher_with_one_read() -> None:
    """And nothing is read for batches that nobody watches."""
    stage = Stage()
    for name in ("a", "b"):
        await stage.batches.add(new_batch(name))
    async with running(stage):
        with stage.feed.watch("a") as first, stage.feed.watch("a") as second:
            moved = await stage.move("a", 1)
            await stage.move("b", 1)
            for batch_id in ("b", "a", "a"):
                stage.feed.note(batch_id)
            assert await first.newer_than(0) == moved
            assert await second.newer_than(0) == moved
        assert stage.batches.reads == 1


async def test_a_watched_batch_is_read_even_when_hints_are_lost() -> None:
    """Every few seconds, and a failed read is made up for by the next."""
    stage = Stage(refresh_seconds=0.001)
    await stage.batches.add(new_batch("a"))
    stage.batches.failures = 2
    async with running(stage):
        with stage.feed.watch("a") as slot:
            moved = await stage.move("a", 1)
            assert await slot.newer_than(moved.version - 1) == moved


async def test_every_watcher_is_let_go_when_the_service_stops() -> None:
    """Also one that comes after."""
    stage = Stage()
    await stage.batches.add(new_batch("a"))
    async with running(stage):
        with stage.feed.watch("a") as slot:
            stage.stopping.set()
            assert await slot.newer_than(99) is None
            await until(lambda: stage.stopping.is_set)
    with stage.feed.watch("a") as late:
        assert await late.newer_than(99) is None


async def test_a_watcher_of_a_batch_that_is_gone_is_let_go() -> None:
    """No state will come any more."""
    stage = Stage(refresh_seconds=0.001)
    async with running(stage):
        with stage.feed.watch("gone") as slot:
            assert await slot.newer_than(0) is None


async def test_a_watcher_of_a_batch_that_is_deleted_is_let_go() -> None:
    """And not shown what is being removed, which has lost its name."""
    stage = Stage(refresh_seconds=0.001)
    await stage.batches.add(new_batch("a").deleted(START))
    async with running(stage):
        with stage.feed.watch("a") as slot:
            assert await slot.newer_than(0) is None


async def test_a_slot_holds_only_the_newest_state() -> None:
    """However many came while nobody looked, and in whatever order."""
    slot = LatestBatch()
    batch = new_batch("a")
    for version in (3, 9, 5):
        slot.offer(batch.model_copy(update={"version": version}))
    newest = await slot.newer_than(0)
    assert newest is not None
    assert newest.version == 9
    slot.close()
    assert await slot.newer_than(9) is None
    assert await slot.newer_than(8) == newest

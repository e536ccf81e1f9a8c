"""Watched batches are read once for all who watch, when they move and regularly."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager

from services.gateway.batches.progress_feed import ProgressFeed
from services.gateway.batches.watched_batch import WatchedBatch
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

    async def of_ids(self, batch_ids: AbstractSet[str]) -> Sequence[Batch]:
        """The batches, or the failure that was ordered, or that of one of them that cannot be read."""
        self.reads += 1
        if self.failures:
            self.failures -= 1
            raise DocumentsUnavailableError("away")
        if "broken" in batch_ids:
            raise ValueError("not a batch")
        return await super().of_ids(batch_ids)


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


async def newer(watched: WatchedBatch, version: int) -> Batch | None:
    """The watched batch's state once it is beyond a version."""
    snapshot = await watched.newer_than(version)
    return snapshot.batch if snapshot else None


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
            assert await newer(first, 0) == moved
            assert await newer(second, 0) == moved
        assert stage.batches.reads == 1


async def test_batches_that_move_together_are_read_together() -> None:
    """With one query, and one that cannot be read does not keep the others from being shown."""
    stage = Stage()
    for name in ("a", "b"):
        await stage.batches.add(new_batch(name))
    async with running(stage):
        with stage.feed.watch("a") as a, stage.feed.watch("b") as b:
            for name in ("a", "b"):
                await stage.move(name, 1)
            for name in ("a", "b"):
                stage.feed.note(name)
            assert await newer(a, 0) is not None
            assert await newer(b, 0) is not None
            assert stage.batches.reads == 1
            with stage.feed.watch("broken"):
                moved = await stage.move("a", 2)
                for name in ("a", "broken"):
                    stage.feed.note(name)
                assert await newer(a, moved.version - 1) == moved


async def test_a_watched_batch_is_read_even_when_hints_are_lost() -> None:
    """Every few seconds, and a failed read is made up for by the next."""
    stage = Stage(refresh_seconds=0.001)
    await stage.batches.add(new_batch("a"))
    stage.batches.failures = 2
    async with running(stage):
        with stage.feed.watch("a") as watched:
            moved = await stage.move("a", 1)
            assert await newer(watched, moved.version - 1) == moved


async def test_every_watcher_is_let_go_when_the_service_stops() -> None:
    """Also one that comes after."""
    stage = Stage()
    await stage.batches.add(new_batch("a"))
    async with running(stage):
        with stage.feed.watch("a") as watched:
            stage.stopping.set()
            assert await watched.newer_than(99) is None
            await until(lambda: stage.stopping.is_set)
    with stage.feed.watch("a") as late:
        assert await late.newer_than(99) is None


async def test_a_watcher_of_a_batch_that_is_gone_is_let_go() -> None:
    """No state will come any more."""
    stage = Stage(refresh_seconds=0.001)
    async with running(stage):
        with stage.feed.watch("gone") as watched:
            assert await watched.newer_than(0) is None


async def test_a_watcher_of_a_batch_that_is_deleted_is_let_go() -> None:
    """And not shown what is being removed, which has lost its name."""
    stage = Stage(refresh_seconds=0.001)
    await stage.batches.add(new_batch("a").deleted(START))
    async with running(stage):
        with stage.feed.watch("a") as watched:
            assert await watched.newer_than(0) is None


async def test_a_watcher_gets_only_the_newest_state() -> None:
    """However many came while nobody looked, and in whatever order."""
    watched = WatchedBatch()
    batch = new_batch("a")
    for version in (3, 9, 5):
        watched.offer(batch.model_copy(update={"version": version}))
    newest = await newer(watched, 0)
    assert newest is not None
    assert newest.version == 9
    watched.close()
    assert await watched.newer_than(9) is None
    assert await newer(watched, 8) == newest


async def test_who_comes_after_the_end_of_a_batch_is_not_sent_away_by_it() -> None:
    """A batch that is gone lets go of those who watched it then, and of no others."""
    stage = Stage()
    async with running(stage):
        with stage.feed.watch("a") as watched:
            stage.feed.note("a")
            assert await watched.newer_than(0) is None
            await stage.batches.add(new_batch("a"))
            added = await stage.move("a", 1)
            with stage.feed.watch("a") as again:
                stage.feed.note("a")
                assert await newer(again, 0) == added

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from services.worker.children.process import ChildNotStartedError
from services.worker.service import run_worker
from services.worker.settings import WorkerSettings
from shared.adapters.memory_broker import MemoryBroker
from shared.adapters.memory_documents import MemoryDocuments
from shared.adapters.object_store import open_object_store
from shared.documents import PRIORITIES, TAKES_EXPRESS, Chunk, Priority
from shared.messaging.messages import ChunkReady
from shared.messaging.topology import CHUNKS, EXPRESS, RESULTS
from shared.object_keys import original_key
from shared.ports import Ports
from shared.running.lifecycle import Readiness
from tests.fakes import START, FakeImageEngine, HastyStopping, SteppingClock, new_batch, until

SETTINGS = WorkerSettings(
    worker_id="w", worker_children=1, worker_chunks_in_hand=2, lease_seconds=30, heartbeat_seconds=0.001
)


@pytest.fixture(autouse=True)
def one_result_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted here are results; that they may share messages is tested beside this."""
    monkeypatch.setattr("services.worker.chunks.results.MAX_RESULTS", 1)


class Stage:
    """A worker on servers in memory."""

    def __init__(self) -> None:
        self.broker = MemoryBroker()
        self.documents = MemoryDocuments()
        self.objects = open_object_store("memory://")
        self.engine = FakeImageEngine()
        self.clock = SteppingClock()
        self.stopping = HastyStopping()
        self.readiness = Readiness()
        self.ports = Ports(
            self.broker.publisher,
            self.broker.subscriber,
            self.documents.batches,
            self.documents.manifests,
            self.documents.chunks,
            self.documents.workers,
            self.documents.recipes,
            self.documents.cost_models,
            self.documents.drafts,
            self.documents.appends,
            self.objects,
            self.documents.statistics,
            self.broker.queue_depths,
            self.broker.dead_letters,
        )

    async def release(self, priority: Priority = "normal", chunks: int = 1, *, express: bool = False) -> None:
        """Record a batch of chunks of one image, named after its priority, and publish all of them."""
        batch = new_batch(priority, total_images=chunks, chunk_size=1, priority=priority)
        await self.documents.batches.add(batch.released(chunks, START))
        for number in range(chunks):
            await self.objects.put(original_key(priority, number), priority.encode())
            chunk = Chunk(batch_id=priority, number=number, indexes=(number,), lease_until=START)
            await self.documents.chunks.add([chunk])
            message = ChunkReady(batch_id=priority, chunk=number, priority=priority, express=express)
            await self.broker.publish(message)

    async def chunks(self, batch_id: str) -> list[Chunk]:
        """A batch's chunks as recorded."""
        return list(await self.documents.chunks.overlapping(batch_id, 0, 1000))

    async def leases_are_renewed(self) -> bool:
        """Whether the first chunk's lease runs from now."""
        (chunk,) = await self.chunks("normal")
        return chunk.lease_until == self.clock() + timedelta(seconds=SETTINGS.lease_seconds)

    async def everything_is_settled(self) -> bool:
        """Whether every chunk is, some time later."""
        self.clock.step(1)
        return all(chunk.settled for chunk in await self.chunks("normal"))

    async def three_images_are_reported(self) -> bool:
        """Whether a worker says that it has developed three images."""
        return any(record.developed_images == 3 for record in await self.documents.workers.seen_since(START))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Task[None]]:
        """Run the worker; on leaving, stop it and wait for its end."""
        task = asyncio.create_task(
            run_worker(self.ports, self.engine, SETTINGS, self.stopping, self.readiness, self.clock)
        )
        try:
            yield task
            self.stopping.set()
            async with asyncio.timeout(10):
                await task
        finally:
            task.cancel()


@pytest.fixture
def stage() -> Stage:
    """Nothing is released yet."""
    return Stage()


def results(stage: Stage) -> int:
    """How many results wait for the tracker."""
    return len(stage.broker.queues[RESULTS.name].waiting)


async def test_chunks_of_every_priority_are_developed(stage: Stage) -> None:
    """Each priority has a consumer of its own."""
    for priority in PRIORITIES:
        await stage.release(priority)
    async with stage.running():
        await until(lambda: results(stage) == 3)
    assert sorted(stage.engine.developed) == [b"high", b"low", b"normal"]


async def test_express_chunks_are_developed(stage: Stage) -> None:
    """Of whichever priority; more are in hand than of a lane, so that a batch waits for no other's."""
    stage.engine.go_on.clear()
    await stage.release("low", chunks=20, express=True)
    async with stage.running():
        await until(lambda: stage.engine.at_work == 2)
        assert await stage.broker.waiting(EXPRESS) == 4
        stage.engine.go_on.set()
        await until(lambda: results(stage) == 20)


async def test_a_worker_takes_a_few_chunks_of_each_queue(stage: Stage) -> None:
    """What it does not take is there for others."""
    stage.engine.go_on.clear()
    for priority in PRIORITIES:
        await stage.release(priority, chunks=10)
    async with stage.running():
        await until(lambda: stage.engine.at_work == 2)
        waiting = {priority: await stage.broker.waiting(queue) for priority, queue in CHUNKS.items()}
        stage.engine.go_on.set()
    assert waiting == {"high": 8, "normal": 8, "low": 8}


async def test_leases_are_renewed_until_what_is_in_hand_is_done_though_stopping(stage: Stage) -> None:
    """A drain of several seconds must not make the reconciler send the chunk to another."""
    stage.engine.go_on.clear()
    await stage.release()
    async with stage.running() as running:
        await until(lambda: stage.engine.at_work == 1)
        stage.stopping.set()
        stage.clock.step(100)
        await until(stage.leases_are_renewed)
        assert not running.done()
        stage.engine.go_on.set()
    assert results(stage) == 1


async def test_stopping_leaves_the_rest_to_others(stage: Stage) -> None:
    """What was not begun stays in its queue, unclaimed."""
    stage.engine.go_on.clear()
    await stage.release(chunks=10)
    async with stage.running():
        await until(lambda: stage.engine.at_work == 2)
        stage.stopping.set()
        stage.engine.go_on.set()
    assert results(stage) == 2
    assert await stage.broker.waiting(CHUNKS["normal"]) == 8
    claimed = [chunk.worker is not None and chunk.worker.startswith("w.") for chunk in await stage.chunks("normal")]
    assert claimed == [True, True, *[False] * 8]


async def test_what_no_tracker_folds_the_worker_folds_itself(stage: Stage) -> None:
    """Trackers that are away for long cost no image its development: the heartbeat sees to it."""
    await stage.release()
    async with stage.running():
        await until(lambda: results(stage) == 1)
        assert [chunk.settled for chunk in await stage.chunks("normal")] == [False]
        await until(stage.everything_is_settled)


async def test_a_worker_takes_over_from_one_that_shows_no_life(stage: Stage) -> None:
    """It need not wait for the lease to run out; the loss is counted."""
    await stage.release()
    await stage.documents.chunks.claim("normal:0", "gone", START, START + timedelta(days=1))
    async with stage.running():
        await until(lambda: results(stage) == 1)
    (chunk,) = await stage.chunks("normal")
    assert (chunk.losses, chunk.worker is not None and chunk.worker.startswith("w.")) == (1, True)


async def test_a_worker_reports_itself(stage: Stage) -> None:
    """Who works, since when, and how much it has done."""
    await stage.release(chunks=3)
    async with stage.running():
        await until(lambda: results(stage) == 3)
        await until(stage.three_images_are_reported)
    (record,) = await stage.documents.workers.seen_since(START)
    assert (record.id, record.slots, record.started_at) == ("w", 1, START)
    assert record.capabilities == (TAKES_EXPRESS,)
    assert stage.readiness.problems == {}


async def test_a_worker_that_can_start_no_child_is_not_ready_and_fails_nothing(stage: Stage) -> None:
    """No image is at fault, so no try is used up; it goes on when it can."""
    stage.engine.broken = ChildNotStartedError("no process could be started")
    await stage.release("normal", chunks=2)
    async with stage.running():
        await until(lambda: "children" in stage.readiness.problems)
        attempts = [chunk.attempts for chunk in await stage.chunks("normal")]
        await until(lambda: not stage.broker.queues[CHUNKS["normal"].name].waiting)
        chunks = await stage.chunks("normal")
        assert [(chunk.retries, chunk.attempts, chunk.worker) for chunk in chunks] == [
            (0, known, None) for known in attempts
        ]
        assert results(stage) == 0
        stage.engine.broken = None
        await until(lambda: results(stage) == 2)
        await until(lambda: "children" not in stage.readiness.problems)
    assert not stage.broker.queues[CHUNKS["normal"].name].waiting

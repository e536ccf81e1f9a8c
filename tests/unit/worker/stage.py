"""Workers over memory, and a released batch of one chunk with four images."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from services.worker.chunks.admission import Admission
from services.worker.chunks.claims import Claims
from services.worker.chunks.images import ImageDeveloper, MayBegin
from services.worker.chunks.recent_batches import RecentBatches
from services.worker.chunks.results import ResultOutbox
from services.worker.chunks.slots import WorkerSlots
from services.worker.chunks.turns import Turn, turn_of_images
from services.worker.chunks.work import ChunkWork, Developing
from services.worker.chunks.work_periods import WorkPeriods
from services.worker.handlers import WorkerHandlers
from services.worker.imaging.prints import DevelopedImage
from shared.adapters.memory_chunks import MemoryChunks
from shared.adapters.memory_documents import MemoryDocuments
from shared.adapters.object_store import open_object_store
from shared.documents import Batch, Chunk, Folding, Outcome
from shared.errors import DocumentsUnavailableError
from shared.messaging.messages import ChunkFailed, ChunkReady, ImageCompleted, Message
from shared.messaging.topology import RETRY_STEPS, RetryStep
from shared.object_keys import original_key
from shared.recipes import Recipe
from shared.scheduling import Flow
from tests.fakes import (
    START,
    Crash,
    FakeImageEngine,
    HastyStopping,
    RecordingPublisher,
    SteppingClock,
    always,
    new_batch,
)

READY = ChunkReady(batch_id="b", chunk=0)
LAST = READY.model_copy(update={"attempt": len(RETRY_STEPS)})
LEASE_SECONDS = 30.0
HEARTBEAT_SECONDS = 0.002
SLOTS = 2
COMPLETED = Outcome(state="completed")
TURN = Turn(Flow("normal", "", "b"))
"""That of every image of the chunk."""


async def database_away() -> None:
    """What happens to a call when MongoDB does not answer."""
    raise DocumentsUnavailableError("no answer")


class ChunksOnStage(MemoryChunks):
    """The chunks; before the n-th call (from 1) of some methods a test may let something happen, such as trouble."""

    def __init__(self, log: list[str]) -> None:
        super().__init__()
        self.calls = Counter[str]()
        self.before: dict[tuple[str, int], Callable[[], Awaitable[object]]] = {}
        self._log = log

    async def get(self, chunk_id: str) -> Chunk | None:
        """See `ChunkClaims`."""
        await self._enter("get")
        return await super().get(chunk_id)

    async def claim(
        self, chunk_id: str, worker: str, now: datetime, lease_until: datetime, *, found_lost: Chunk | None = None
    ) -> Chunk | None:
        """See `ChunkClaims`."""
        await self._enter("claim")
        return await super().claim(chunk_id, worker, now, lease_until, found_lost=found_lost)

    async def suspect(self, chunk_id: str, worker: str, index: int | None) -> bool:
        """See `ChunkClaims`; what succeeds is in the log of the stage."""
        await self._enter("suspect")
        answer = await super().suspect(chunk_id, worker, index)
        self._log.append("nobody is the suspect" if index is None else f"{index} is the suspect")
        return answer

    async def fold(self, foldings: Sequence[Folding], now: datetime | None = None) -> None:
        """See `ChunkClaims`; what succeeds is in the log of the stage."""
        await self._enter("fold")
        await super().fold(foldings, now)
        self._log += [f"{sorted(folding.outcomes)} kept" for folding in foldings]

    async def release_claim(
        self,
        chunk_id: str,
        worker: str,
        lease_until: datetime,
        *,
        retries: int = 0,
        not_before: datetime | None = None,
    ) -> None:
        """See `ChunkClaims`; what succeeds is in the log of the stage."""
        await self._enter("release_claim")
        await super().release_claim(chunk_id, worker, lease_until, retries=retries, not_before=not_before)
        self._log.append("handed back")

    async def _enter(self, method: str) -> None:
        self.calls[method] += 1
        if (happens := self.before.get((method, self.calls[method]))) is not None:
            await happens()


class PublisherOnStage(RecordingPublisher):
    """A publisher that puts retries and chunks that are given up in the log of the stage."""

    def __init__(self, log: list[str]) -> None:
        super().__init__()
        self._log = log

    async def publish(self, message: Message) -> None:
        """See `RecordingPublisher`."""
        await super().publish(message)
        if isinstance(message, ChunkFailed):
            self._log.append("given up")

    async def publish_later(self, message: Message, step: RetryStep) -> None:
        """See `RecordingPublisher`."""
        await super().publish_later(message, step)
        self._log.append(f"retry in {step.name}")


class EngineOnStage(FakeImageEngine):
    """An engine that puts each image in the log of the stage as it begins, and notes what was at work beside it.

    An image in `held` is not developed before its event is set.
    """

    def __init__(self, log: list[str]) -> None:
        super().__init__()
        self.held: dict[bytes, asyncio.Event] = {}
        self.beside: dict[bytes, set[bytes]] = {}
        self.present: set[bytes] = set()
        self.log_contexts: dict[bytes, dict[str, object]] = {}
        self._log = log

    async def develop(self, data: bytes, recipe: Recipe, may_begin: MayBegin) -> DevelopedImage:
        """See `FakeImageEngine`."""
        await may_begin()
        self.log_contexts[data] = structlog.contextvars.get_contextvars()
        self._log.append(f"{data.decode().removeprefix('original ')} begins")
        self.beside.setdefault(data, set()).update(self.present)
        for other in self.present:
            self.beside[other].add(data)
        self.present.add(data)
        try:
            if data in self.held:
                await self.held[data].wait()
            return await super().develop(data, recipe, always)
        finally:
            self.present.discard(data)


class SlotsOnStage(WorkerSlots):
    """Slots that count how often somebody wanted all of them."""

    def __init__(self) -> None:
        super().__init__(SLOTS)
        self.all_wanted = 0

    @asynccontextmanager
    async def all(self, turn: Turn) -> AsyncIterator[None]:
        """See `WorkerSlots`."""
        self.all_wanted += 1
        async with super().all(turn):
            yield


@dataclass(frozen=True)
class Worker:
    """The parts of one worker process."""

    handlers: WorkerHandlers
    developing: Developing
    claims: Claims
    slots: SlotsOnStage
    periods: WorkPeriods

    async def take(self, chunk_id: str = "b:0") -> ChunkWork:
        """The chunk, claimed, with nothing else known."""
        chunk = await self.claims.claim(chunk_id)
        assert chunk is not None
        return ChunkWork(chunk, {}, turn_of_images(READY, chunk))


class Stage:
    """What workers share, and one of them, `w`, that never crashes."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.chunks = ChunksOnStage(self.log)
        self.documents = MemoryDocuments(chunks=self.chunks)
        self.objects = open_object_store("memory://")
        self.publisher = PublisherOnStage(self.log)
        self.engine = EngineOnStage(self.log)
        self.stopping = HastyStopping()
        self.clock = SteppingClock()
        self.worker = self.another("w")
        self.handlers, self.claims, self.developing = self.worker.handlers, self.worker.claims, self.worker.developing

    def another(self, worker_id: str, crash: Crash | None = None) -> Worker:
        """Another worker, which will end as ordered."""
        crash = crash or Crash(-1, "before")
        batches = RecentBatches(crash.watch(self.documents.batches), self.clock)
        objects, engine = crash.watch(self.objects), crash.watch(self.engine)
        admission = Admission(batches, self.stopping)
        manifests = crash.watch(self.documents.manifests)
        periods = WorkPeriods(self.documents.statistics, worker_id, SLOTS, self.clock)
        images = ImageDeveloper(admission, objects, manifests, engine, worker_id, periods)
        claims = Claims(
            crash.watch(self.chunks),
            worker_id,
            self.clock,
            lease_seconds=LEASE_SECONDS,
            heartbeat_seconds=HEARTBEAT_SECONDS,
        )
        publisher, slots = crash.watch(self.publisher), SlotsOnStage()
        developing = Developing(claims, admission, images, ResultOutbox(publisher), slots, periods, self.stopping)
        handlers = WorkerHandlers(batches, claims, developing, publisher, periods, self.stopping)
        return Worker(handlers, developing, claims, slots, periods)

    async def set_up(self) -> None:
        """Record batch and chunk, and store originals for three chunks in a store that is marked."""
        await self.objects.mark()
        await self.documents.batches.add(new_batch(total_images=4, chunk_size=4).released(1, START))
        await self.add_chunk(0)
        for index in range(12):
            await self.objects.put(original_key("b", index), b"original %d" % index)

    async def add_chunk(self, number: int, *, generation: int = 0) -> Chunk:
        """Record a chunk of four images."""
        indexes = tuple(range(4 * number, 4 * number + 4))
        chunk = Chunk(batch_id="b", number=number, generation=generation, indexes=indexes, lease_until=START)
        await self.chunks.add([chunk])
        return chunk

    async def lose(self, times: int, *suspects: int) -> None:
        """Let the chunk lose so many workers, the first of them with these images as their suspects."""
        for number in range(times):
            await self.chunks.claim("b:0", f"lost-{number}", self.clock(), self.clock())
            if number < len(suspects):
                await self.chunks.suspect("b:0", f"lost-{number}", suspects[number])
            await self.chunks.expire_claim("b:0", f"lost-{number}", self.clock())
        self.forget()

    def forget(self) -> None:
        """Let calls and log begin here."""
        self.chunks.calls.clear()
        self.log.clear()

    async def hold_for(self, worker: str, seconds: float = 3600) -> None:
        """Put the chunk in the hands of somebody who then says nothing more, whoever had it."""
        until = self.clock() + timedelta(seconds=seconds)
        await MemoryChunks.claim(self.chunks, "b:0", worker, self.clock(), until, found_lost=await self.chunk())

    async def change(self, change: Callable[[Batch], Batch]) -> None:
        """Do to the batch what another service would, long enough ago for every worker to see it."""
        await self.documents.batches.change("b", change)
        self.clock.step(2)

    async def fold(self, *indexes: int) -> None:
        """Give images an outcome, as the tracker does."""
        outcomes = dict.fromkeys(indexes, COMPLETED)
        await MemoryChunks.fold(self.chunks, [Folding(chunk_id="b:0", outcomes=outcomes)])

    async def chunk(self) -> Chunk:
        """The chunk as recorded."""
        chunk = await MemoryChunks.get(self.chunks, "b:0")
        assert chunk is not None
        return chunk

    def completed(self) -> list[int]:
        """The images that were told completed."""
        return sorted(message.index for message in self.publisher.of(ImageCompleted))

    def retries(self) -> list[tuple[int, float]]:
        """The attempts of the chunk's retries with the seconds that they wait."""
        waiting = [(message, step) for message, step in self.publisher.later if isinstance(message, ChunkReady)]
        return [(message.attempt, step.delay_seconds) for message, step in waiting]

"""A chunker over memory, and what its neighbours would do to the batch meanwhile."""

from collections.abc import Callable, Collection, Sequence
from datetime import timedelta

from services.chunker.handlers import ChunkerHandlers
from services.chunker.reconciler import ChunkerReconciler
from services.chunker.releases import Releases
from services.chunker.scheduler import Scheduler
from services.chunker.settings import ChunkerSettings
from shared.adapters.memory_broker import MemoryBroker
from shared.adapters.memory_documents import MemoryDocuments
from shared.documents import Batch, Chunk, Folding, Outcome
from shared.messaging.messages import BatchSubmitted, ChunkReady, ChunkSettled
from shared.messaging.topology import CHUNKS
from shared.ports import BatchStore, ChunkStore, Publisher
from tests.fakes import Crash, RecordingPublisher, SteppingClock

COMPLETED = Outcome(state="completed")
FAILED = Outcome(state="failed", code="unreadable", message="No image.")
SUBMITTED = BatchSubmitted(batch_id="b")


def settled(count: int, batch_id: str = "b", generation: int = 0) -> ChunkSettled:
    """The tracker's message."""
    return ChunkSettled(batch_id=batch_id, generation=generation, settled_chunks=count)


class Stage:
    """A chunker with a window of three chunks; `broker` only tells how long its queues are.

    The horizon is so far that there is room for everything, unless a test says otherwise.
    """

    def __init__(
        self,
        window_chunks: int = 3,
        *,
        max_chunks: int = 100,
        stretch_images: int = 1000,
        horizon_seconds: float = 1e6,
    ) -> None:
        self._max_chunks = max_chunks
        self._stretch_images = stretch_images
        self.documents = MemoryDocuments()
        self.publisher = RecordingPublisher()
        self.broker = MemoryBroker()
        self.clock = SteppingClock()
        self.settings = ChunkerSettings(
            window_chunks=window_chunks,
            horizon_seconds=horizon_seconds,
            queued_lease_seconds=10,
            stalled_batch_seconds=300,
        )
        self.handlers = self.crashing(Crash(-1, "before"))
        self.reconciler = self.reconciling(self.handlers)

    def crashing(self, crash: Crash) -> ChunkerHandlers:
        """The handlers of a process that will end as ordered."""
        return self._handlers(
            crash.watch(self.documents.batches), crash.watch(self.documents.chunks), crash.watch(self.publisher)
        )

    def publishing(self, publisher: RecordingPublisher) -> ChunkerHandlers:
        """The handlers with another way out."""
        return self._handlers(self.documents.batches, self.documents.chunks, publisher)

    def _handlers(self, batches: BatchStore, chunks: ChunkStore, publisher: Publisher) -> ChunkerHandlers:
        clock, settings = self.clock, self.settings
        releases = Releases(batches, chunks, publisher, clock, settings, stretch_images=self._stretch_images)
        workers = self.documents.workers
        scheduler = Scheduler(releases, batches, chunks, workers, clock, settings, max_chunks=self._max_chunks)
        return ChunkerHandlers(batches, chunks, releases, scheduler, clock, settings)

    def reconciling(self, handlers: ChunkerHandlers) -> ChunkerReconciler:
        """The reconciler of a process with these handlers."""
        documents = self.documents
        return ChunkerReconciler(
            handlers.scheduler,
            handlers.releases,
            documents.batches,
            documents.chunks,
            self.broker,
            self.clock,
            self.settings,
        )

    async def batch(self) -> Batch:
        """The batch as recorded."""
        batch = await self.documents.batches.get("b")
        assert batch is not None
        return batch

    async def change(self, change: Callable[[Batch], Batch]) -> Batch:
        """Do to the batch what another service would."""
        return await self.documents.batches.change("b", change)

    async def chunks(self, generation: int | None = None) -> Sequence[Chunk]:
        """Every recorded chunk, or those of one generation."""
        chunks = await self.documents.chunks.overlapping("b", 0, 100_000)
        return [chunk for chunk in chunks if generation in {None, chunk.generation}]

    def published(self) -> list[int]:
        """The numbers of the published chunks in their order."""
        return [message.chunk for message in self.publisher.of(ChunkReady)]

    async def sent_again(self) -> list[int]:
        """The chunks that one sweep publishes."""
        self.publisher.published.clear()
        await self.reconciler.sweep()
        return sorted(self.published())

    async def sent_again_after_silence(self) -> list[int]:
        """The same of a sweep that has watched for long enough those whose leases have run out."""
        await self.sent_again()
        self.clock.step(self.settings.silence_seconds)
        return await self.sent_again()

    async def settle(self, count: int) -> ChunkSettled:
        """Let the first so many chunks settle, as the tracker would; the tracker's message is not sent."""
        await self.fold((await self.chunks())[:count])
        await self.change(lambda b: b.changed(self.clock(), completed_chunks=count))
        return settled(count)

    async def claim(self, number: int, worker: str, lease_seconds: float = 30.0) -> Chunk | None:
        """What a worker gets when the chunk's message reaches it."""
        until = SteppingClock(self.clock())
        until.step(lease_seconds)
        return await self.documents.chunks.claim(f"b:{number}", worker, self.clock(), until())

    async def put_off(self, number: int, seconds: float) -> None:
        """Let a worker claim the chunk and put it off, for so long at least."""
        await self.claim(number, "failing")
        not_before = self.clock() + timedelta(seconds=seconds)
        due = not_before + timedelta(seconds=15)
        await self.documents.chunks.release_claim(f"b:{number}", "failing", due, retries=1, not_before=not_before)

    async def end(self, *, failed: Collection[int] = (), revoked: Collection[int] = ()) -> Batch:
        """End the batch as workers and tracker would; it is cancelled if some images are never developed."""
        batch = await self.batch()
        await self.fold(await self.chunks(batch.generation), failed, revoked)
        totals = await self.documents.chunks.totals("b", batch.generation, batch.first_chunk)
        await self.change(lambda b: b.rolled_up(totals, self.clock()).stopped("cancelled", self.clock()))
        unsettled = await self.documents.chunks.unsettled("b", batch.generation, 1000)
        await self.documents.chunks.revoke_rest(unsettled)
        totals = await self.documents.chunks.totals("b", batch.generation, batch.first_chunk)
        return await self.change(lambda b: b.ended_early(totals, self.clock()))

    async def retry(self) -> Batch:
        """Begin a new generation as the gateway would; the relay's message is not sent."""
        return await self.change(lambda b: b.retried(self.clock()).dispatched(self.clock()))

    async def release_all(self) -> None:
        """Release window after window until every chunk of the generation is released."""
        batch = await self.batch()
        await self.handlers.work([SUBMITTED])
        while (released := (await self.batch()).released_chunks) < batch.total_chunks:
            await self.handlers.work([settled(released, generation=batch.generation)])

    async def fold(self, chunks: Sequence[Chunk], failed: Collection[int] = (), revoked: Collection[int] = ()) -> None:
        await self.documents.chunks.fold(
            [
                Folding(
                    chunk_id=chunk.id,
                    outcomes={i: FAILED if i in failed else COMPLETED for i in chunk.indexes if i not in revoked},
                )
                for chunk in chunks
            ]
        )

    def make_busy(self, queue_length: int = 5) -> None:
        """Let messages wait in the queue of normal chunks."""
        for _ in range(queue_length):
            self.broker.queues[CHUNKS["normal"].name].put(b"waiting")

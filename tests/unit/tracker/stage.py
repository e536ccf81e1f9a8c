"""Trackers over memory, and a batch whose chunks the chunker has recorded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.chunker.plan import first_images, plan_chunk
from services.chunker.retries import next_images_to_retry
from services.tracker.endings import Endings
from services.tracker.forecasts import Forecasts
from services.tracker.handlers import TrackerHandlers
from services.tracker.range_learning import RangeLearning
from services.tracker.reconciler import TrackerReconciler
from shared.adapters.memory_documents import MemoryDocuments
from shared.documents import Batch, Chunk, ChunkTotals, FailureThreshold, chunk_id
from shared.messaging.messages import ImageCompleted, ImageFailed
from tests.fakes import Crash, RecordingPublisher, SteppingClock, new_batch

LEASE_SECONDS = 10.0
MAX_SETTLING_SECONDS = 75.0
WORKER = "w"


@dataclass(frozen=True)
class Tracker:
    """One process."""

    handlers: TrackerHandlers
    endings: Endings
    reconciler: TrackerReconciler


class Stage:
    """A batch, and one tracker that never crashes."""

    def __init__(
        self,
        total_images: int = 6,
        chunk_size: int = 2,
        failure_threshold: FailureThreshold | None = None,
        *,
        chunks_per_seal: int = 1000,
        ended_at_once: int = 8,
        chunks_per_write: int = 100,
    ) -> None:
        self._chunks_per_seal = chunks_per_seal
        self._ended_at_once = ended_at_once
        self._chunks_per_write = chunks_per_write
        self.documents = MemoryDocuments()
        self.publisher = RecordingPublisher()
        self.clock = SteppingClock()
        alive = self.crashing(Crash(-1, "before"))
        self.handlers, self.endings, self.reconciler = alive.handlers, alive.endings, alive.reconciler
        batch = new_batch(total_images=total_images, chunk_size=chunk_size)
        self.recorded = batch.model_copy(update={"failure_threshold": failure_threshold})

    def crashing(self, crash: Crash) -> Tracker:
        """Another tracker, which will end as ordered."""
        batches, chunks = crash.watch(self.documents.batches), crash.watch(self.documents.chunks)
        publisher, statistics = crash.watch(self.publisher), crash.watch(self.documents.statistics)
        endings = Endings(
            batches,
            chunks,
            publisher,
            statistics,
            self.clock,
            max_settling_seconds=MAX_SETTLING_SECONDS,
            ended_at_once=self._ended_at_once,
            chunks_per_write=self._chunks_per_write,
        )
        ranges = RangeLearning(self.documents.cost_models, self.clock)
        handlers = TrackerHandlers(
            batches, chunks, publisher, statistics, endings, ranges, self.clock, chunks_per_seal=self._chunks_per_seal
        )
        # The pages of a sweep are not calls that a test counts.
        forecasts = Forecasts(self.documents.batches, self.documents.workers, self.publisher, self.clock)
        return Tracker(handlers, endings, TrackerReconciler(handlers, endings, forecasts, self.documents.batches))

    async def release(self, chunks: int | None = None) -> None:
        """Record the batch and release its chunks, or the first so many."""
        await self.documents.batches.add(self.recorded)
        await self.release_more(chunks)

    async def release_more(self, chunks: int | None = None) -> None:
        """Release the chunks of a new generation, or the first so many."""
        batch = await self.batch()
        count = batch.total_chunks if chunks is None else chunks
        planned = await self.plan(batch, range(count))
        await self.documents.chunks.add(planned)
        last = planned[-1].indexes[-1] + 1 if planned else 0
        await self.change(lambda b: b.released(count, self.clock(), last if b.generation else 0))
        self.clock.step(1)

    async def plan(self, batch: Batch, positions: range) -> Sequence[Chunk]:
        """The documents of chunks that are not recorded yet."""
        images: Sequence[Sequence[int]] = list(first_images(batch, positions))
        if batch.generation:
            all_of_it = batch.model_copy(update={"planned_images": 0})
            found = await next_images_to_retry(all_of_it, self.documents.chunks, positions.stop * batch.chunk_size)
            images = [found[p * batch.chunk_size : (p + 1) * batch.chunk_size] for p in positions]
        return [plan_chunk(batch, p, i, self.clock(), LEASE_SECONDS) for p, i in zip(positions, images, strict=True)]

    def completed(self, index: int) -> ImageCompleted:
        """An image's good result in the first generation."""
        return ImageCompleted(batch_id="b", chunk=index // self.recorded.chunk_size, index=index)

    def failed(self, index: int) -> ImageFailed:
        """An image's bad result in the first generation."""
        return ImageFailed(
            batch_id="b", chunk=index // self.recorded.chunk_size, index=index, code="unreadable", message="No image."
        )

    async def batch(self) -> Batch:
        """The batch as recorded; conservation holds at every look."""
        batch = await self.documents.batches.get("b")
        assert batch is not None
        assert batch.pending_images >= 0
        assert batch.ended_images + batch.pending_images == batch.total_images
        return batch

    async def change(self, change: Callable[[Batch], Batch]) -> Batch:
        """Do to the batch what another service would."""
        return await self.documents.batches.change("b", change)

    async def cancel(self) -> Batch:
        """Do what the gateway does; its message is not sent."""
        return await self.change(lambda b: b.stopped("cancelled", self.clock()))

    async def claim(self, number: int) -> None:
        """Put a chunk of the batch in the hands of the worker, as that does."""
        assert await self.documents.chunks.claim(chunk_id("b", number), WORKER, self.clock(), self._lease())

    async def renew(self) -> None:
        """Have the worker show life for all that it holds."""
        ids = [chunk.id for chunk in await self.chunks()]
        await self.documents.chunks.renew(ids, WORKER, self._lease())

    async def release_claim(self, number: int) -> None:
        """Have the worker part with a chunk; it has kept what it knows of it."""
        await self.documents.chunks.release_claim(chunk_id("b", number), WORKER, self.clock())

    def _lease(self) -> datetime:
        return self.clock() + timedelta(seconds=LEASE_SECONDS)

    async def chunks(self) -> Sequence[Chunk]:
        """Every recorded chunk."""
        return await self.documents.chunks.overlapping("b", 0, self.recorded.total_images)

    async def full_sum(self) -> ChunkTotals:
        """The truth of the first generation, chunk by chunk."""
        return await self.documents.chunks.totals("b", 0, 0)

"""What the chunker does with each message: record chunks, publish them, remember how far it got."""

import asyncio
from collections.abc import Sequence

import structlog

from services.chunker.plan import plan_chunk, releasable
from services.chunker.settings import ChunkerSettings
from shared.clock import Clock
from shared.documents import Batch, Chunk
from shared.messages import BatchSubmitted, ChunkReady, ChunkSettled
from shared.ports import BatchStore, ChunkReleases, Publisher

log = structlog.get_logger()

CHUNKS_PER_WRITE = 100


class ChunkerHandlers:
    """Releases chunks. Chunk ids are deterministic, so doing it twice records nothing new."""

    def __init__(
        self,
        batches: BatchStore,
        chunks: ChunkReleases,
        publisher: Publisher,
        clock: Clock,
        settings: ChunkerSettings,
    ) -> None:
        self._batches = batches
        self._chunks = chunks
        self._publisher = publisher
        self._clock = clock
        self._settings = settings

    async def batch_submitted(self, message: BatchSubmitted, *, redelivered: bool) -> None:  # noqa: ARG002 - both are the same
        """Release the first window of a new batch."""
        batch = await self._batches.get(message.batch_id)
        if batch is None:
            log.warning("batch_unknown", batch_id=message.batch_id)
            return
        await self.release(batch, batch.settled_chunks)

    async def chunks_settled(self, messages: Sequence[ChunkSettled]) -> None:
        """Release as many chunks as have settled."""
        newest: dict[tuple[str, int], ChunkSettled] = {}
        for message in messages:
            key = message.batch_id, message.generation
            if key not in newest or message.settled_chunks > newest[key].settled_chunks:
                newest[key] = message
        for message in newest.values():
            batch = await self._batches.get(message.batch_id)
            if batch is not None and batch.generation == message.generation:
                await self.release(batch, max(batch.settled_chunks, message.settled_chunks))

    async def release(self, batch: Batch, settled_chunks: int) -> None:
        """Record and publish the chunks that the window has room for.

        Recorded first, published second, remembered third: a crash in between repeats work that changes nothing.
        """
        if batch.is_finished:
            return
        numbers = releasable(batch, settled_chunks, self._settings.window_chunks)
        for start in range(numbers.start, numbers.stop, CHUNKS_PER_WRITE):
            end = min(start + CHUNKS_PER_WRITE, numbers.stop)
            now = self._clock()
            lease = self._settings.queued_lease_seconds
            chunks = [plan_chunk(batch, number, now, lease) for number in range(start, end)]
            await self._chunks.add(chunks)
            await self.publish(chunks)
            await self._batches.change(batch.id, lambda b, end=end, now=now: b.released(end, now))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
        if numbers:
            log.debug("chunks_released", batch_id=batch.id, first=numbers.start, end=numbers.stop)

    async def publish(self, chunks: Sequence[Chunk]) -> None:
        """Publish chunks, all confirmed on return."""
        messages = (ChunkReady(batch_id=c.batch_id, chunk=c.number, priority=c.priority) for c in chunks)
        # No TaskGroup: its group of errors would hide from the consume loop that the trouble is transient.
        confirms = await asyncio.gather(*map(self._publisher.publish, messages), return_exceptions=True)
        for problem in confirms:
            if problem is not None:
                raise problem

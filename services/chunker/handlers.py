"""What the chunker does with each message: record chunks, publish them, remember how far it got."""

from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import timedelta
from typing import Protocol

import structlog

from services.chunker.plan import first_images, plan_chunk, releasable
from services.chunker.retries import STRETCH_IMAGES, next_images_to_retry
from services.chunker.settings import ChunkerSettings
from shared.documents import Batch, Chunk
from shared.messaging.messages import BatchSubmitted, ChunkReady, ChunkSettled
from shared.ports import BatchWriter, ChunkReader, ChunkReleases, Publisher
from shared.running.clock import Clock
from shared.running.gathering import gather_all
from shared.running.hinting import progress_hint, publish_hints

log = structlog.get_logger()

CHUNKS_PER_WRITE = 100


class ReleasedChunks(ChunkReleases, ChunkReader, Protocol):
    """What releasing takes: the chunks to come, and what became of those of earlier generations."""


@dataclass(frozen=True)
class ChunkerHandlers:
    """Releases chunks. Chunk ids and images are deterministic, so doing it twice records nothing new."""

    batches: BatchWriter
    chunks: ReleasedChunks
    publisher: Publisher
    clock: Clock
    settings: ChunkerSettings
    _: KW_ONLY
    chunks_per_write: int = CHUNKS_PER_WRITE
    stretch_images: int = STRETCH_IMAGES

    async def batch_submitted(self, message: BatchSubmitted) -> None:
        """Release the first window of a new batch or of a retry, or go on with a batch that is resumed."""
        batch = await self.batches.get(message.batch_id)
        if batch is None:
            log.warning("batch_unknown", batch_id=message.batch_id)
            return
        if batch.released_chunks and batch.may_be_developed:
            # The messages of a batch were dropped while it was paused.
            await self._send_again(batch)
        await self.release(batch, batch.settled_chunks)

    async def chunks_settled(self, messages: Sequence[ChunkSettled]) -> None:
        """Release as many chunks as have settled."""
        newest: dict[tuple[str, int], ChunkSettled] = {}
        for message in messages:
            key = message.batch_id, message.generation
            # Messages may come in any order.
            if key not in newest or message.settled_chunks > newest[key].settled_chunks:
                newest[key] = message
        for message in newest.values():
            batch = await self.batches.get(message.batch_id)
            if batch is not None and batch.generation == message.generation:
                await self.release(batch, max(batch.settled_chunks, message.settled_chunks))

    async def release(self, batch: Batch, settled_chunks: int) -> None:
        """Record and publish the chunks that the window has room for; none of a batch that is not to be developed.

        Recorded first, published second, remembered third: a crash in between repeats work that changes nothing.
        """
        generation = batch.generation
        while batch.may_be_developed and batch.generation == generation:
            positions = releasable(batch, settled_chunks, self.settings.window_chunks)[: self.chunks_per_write]
            if not positions:
                return
            chunks = await self._planned(batch, positions)
            if not chunks:
                log.error("no_images_to_retry", batch_id=batch.id, generation=generation, released=positions.start)
                return
            await self.chunks.add(chunks)
            await self.publish(chunks)
            batch = await self._remember(batch, chunks)

    async def publish(self, chunks: Sequence[Chunk]) -> None:
        """Publish chunks, all confirmed on return."""
        messages = (ChunkReady(batch_id=c.batch_id, chunk=c.number, priority=c.priority) for c in chunks)
        await gather_all(map(self.publisher.publish, messages))

    async def _planned(self, batch: Batch, positions: range) -> Sequence[Chunk]:
        size = batch.chunk_size
        indexes: Iterable[Sequence[int]]
        if batch.generation:
            images = await next_images_to_retry(batch, self.chunks, len(positions) * size, self.stretch_images)
            indexes = [images[start : start + size] for start in range(0, len(images), size)]
        else:
            indexes = first_images(batch, positions)
        now, lease = self.clock(), self.settings.queued_lease_seconds
        # Shorter where a retry has fewer images than chunks were counted for: no chunk is empty.
        planned = zip(positions, indexes, strict=False)
        return [plan_chunk(batch, position, images, now, lease) for position, images in planned]

    async def _remember(self, batch: Batch, chunks: Sequence[Chunk]) -> Batch:
        end = chunks[-1].number + 1 - batch.first_chunk
        planned_images = chunks[-1].indexes[-1] + 1 if batch.generation else 0
        now = self.clock()

        def released(newest: Batch) -> Batch:
            # A newer generation counts chunks of its own.
            return newest.released(end, now, planned_images) if newest.generation == batch.generation else newest

        log.debug("chunks_released", batch_id=batch.id, first=chunks[0].number, end=chunks[-1].number + 1)
        changed = await self.batches.change(batch.id, released)
        if changed.status != batch.status:
            # Watchers see at once that the batch has started; its first result may take a while.
            await publish_hints(self.publisher, [progress_hint(changed)])
        return changed

    async def _send_again(self, batch: Batch) -> None:
        """Publish the unclaimed chunks: while a batch is paused, their messages are dropped.

        Without those that wait out a backoff: their messages are still to come, and meet a batch that goes on.
        """
        now, window = self.clock(), self.settings.window_chunks
        unclaimed = await self.chunks.unclaimed_of(batch.id, batch.generation, now, window)
        lease_until = self.clock() + timedelta(seconds=self.settings.queued_lease_seconds)
        await self.chunks.extend([chunk.id for chunk in unclaimed], lease_until)
        await self.publish(unclaimed)

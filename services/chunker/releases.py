"""Releasing chunks of one batch: recorded first, published second, remembered third."""

from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import NamedTuple, Protocol

import structlog

from services.chunker.plan import first_images, plan_chunk
from services.chunker.retries import STRETCH_IMAGES, next_images_to_retry
from services.chunker.settings import ChunkerSettings
from shared.documents import Batch, Chunk
from shared.messaging.messages import ChunkReady
from shared.ports import BatchWriter, ChunkReader, ChunkReleases, Publisher
from shared.running.clock import Clock
from shared.running.gathering import gather_all
from shared.running.hinting import progress_hint, publish_hints

log = structlog.get_logger()


class ReleasedChunks(ChunkReleases, ChunkReader, Protocol):
    """What releasing takes: the chunks to come, and what became of those of earlier generations."""


class Released(NamedTuple):
    """A batch as it is after a release, and the chunks that were released."""

    batch: Batch
    chunks: Sequence[Chunk]


@dataclass(frozen=True)
class Releases:
    """Releases chunks. Their ids and images are deterministic, so doing it twice records nothing new."""

    batches: BatchWriter
    chunks: ReleasedChunks
    publisher: Publisher
    clock: Clock
    settings: ChunkerSettings
    _: KW_ONLY
    stretch_images: int = STRETCH_IMAGES

    async def release(self, batch: Batch, positions: range, express: int) -> Released | None:
        """Release the chunks at these positions of the generation; the first `express` of them go ahead.

        A crash in between repeats work that changes nothing. None if there are no images for them.
        """
        chunks = await self._planned(batch, positions, express)
        if not chunks:
            log.error("no_images_to_retry", batch_id=batch.id, generation=batch.generation, released=positions.start)
            return None
        await self.chunks.add(chunks)
        await gather_all(self.publisher.publish(_ready(chunk, express=chunk.express)) for chunk in chunks)
        return Released(await self._remember(batch, chunks), chunks)

    async def publish_again(self, chunks: Sequence[Chunk]) -> None:
        """Publish chunks that were released before, all confirmed on return. They go into their lanes.

        What was published ahead may lie where no worker looks that is there now.
        """
        await gather_all(self.publisher.publish(_ready(chunk, express=False)) for chunk in chunks)

    async def _planned(self, batch: Batch, positions: range, express: int) -> Sequence[Chunk]:
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
        return [
            plan_chunk(batch, position, images, now, lease, express=position < positions.start + express)
            for position, images in planned
        ]

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


def _ready(chunk: Chunk, *, express: bool) -> ChunkReady:
    return ChunkReady(
        batch_id=chunk.batch_id,
        chunk=chunk.number,
        priority=chunk.priority,
        owner=chunk.owner,
        cost_ms=chunk.cost_ms,
        express=express,
    )

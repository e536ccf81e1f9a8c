"""The chunker's sweep over its own documents: what the broker lost is seen there and sent again."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import structlog

from services.chunker.handlers import ChunkerHandlers
from services.chunker.settings import ChunkerSettings
from shared.clock import Clock
from shared.documents import Batch, Chunk
from shared.ports import BatchStore, ChunkStore, Subscriber
from shared.topology import CHUNKS

log = structlog.get_logger()

PAGE = 100


class ChunkerReconciler:
    """Finds batches whose release stopped half-way and chunks that are in nobody's hands."""

    def __init__(
        self,
        handlers: ChunkerHandlers,
        batches: BatchStore,
        chunks: ChunkStore,
        subscriber: Subscriber,
        clock: Clock,
        settings: ChunkerSettings,
    ) -> None:
        self._handlers = handlers
        self._batches = batches
        self._chunks = chunks
        self._subscriber = subscriber
        self._clock = clock
        self._settings = settings

    async def sweep(self) -> None:
        """Look once, and send again what is missing."""
        await self._release_forgotten_batches()
        await self._publish_lost_chunks()

    async def _release_forgotten_batches(self) -> None:
        quiet_since = self._clock() - timedelta(seconds=self._settings.queued_lease_seconds)
        async for batch in self._unfinished():
            if batch.dispatched_at and batch.updated_at < quiet_since and batch.released_chunks < batch.total_chunks:
                await self._handlers.release(batch, batch.settled_chunks)

    async def _unfinished(self) -> AsyncIterator[Batch]:
        after = ""
        while page := await self._batches.unfinished(PAGE, after):
            for batch in page:
                yield batch
            after = page[-1].id

    async def _publish_lost_chunks(self) -> None:
        while overdue := await self._chunks.overdue(self._clock(), PAGE):
            waiting = {priority: await self._subscriber.waiting(queue) for priority, queue in CHUNKS.items()}
            missing = {priority: await self._chunks.unclaimed(priority) > waiting[priority] for priority in CHUNKS}
            batches = {id_: await self._batches.get(id_) for id_ in dict.fromkeys(chunk.batch_id for chunk in overdue)}
            due = Counter(chunk.priority for chunk in overdue if chunk.worker is None)
            # More chunks than messages: the broker has lost some, even if newer ones wait in the same queue.
            too_few = {priority: due[priority] > waiting[priority] for priority in CHUNKS}
            lost = [
                chunk
                for chunk in overdue
                if self._is_lost(
                    chunk, batches[chunk.batch_id], too_few=too_few[chunk.priority], missing=missing[chunk.priority]
                )
            ]
            # Sent again behind others in its queue, a chunk needs longer than one whose queue was as good as empty.
            behind = [chunk for chunk in lost if waiting[chunk.priority] and not too_few[chunk.priority]]
            await self._take_back(lost)
            await self._extend(behind, self._settings.stalled_batch_seconds)
            await self._extend([c for c in overdue if c not in behind], self._settings.queued_lease_seconds)
            if lost:
                # Last, so that a worker that claims at once keeps its own lease.
                log.warning("chunks_sent_again", chunks=len(lost), first_chunk_id=lost[0].id)
                await self._handlers.publish(lost)

    async def _take_back(self, lost: Sequence[Chunk]) -> None:
        """End the claims of lost workers, or the new lease would keep everybody else from claiming."""
        for chunk in lost:
            if chunk.worker is not None:
                await self._chunks.hand_back(chunk.id, chunk.worker, self._clock())

    def _is_lost(self, chunk: Chunk, batch: Batch | None, *, too_few: bool, missing: bool) -> bool:
        if batch is None or batch.is_finished:
            return False
        # A claimed chunk past its lease has lost its worker; an unclaimed one may just be waiting its turn.
        if chunk.worker is not None or too_few:
            return True
        # As many messages as unclaimed chunks: everything is there, and the backlog is just long.
        return missing and batch.updated_at < self._clock() - timedelta(seconds=self._settings.stalled_batch_seconds)

    async def _extend(self, chunks: Sequence[Chunk], seconds: float) -> None:
        await self._chunks.extend([chunk.id for chunk in chunks], self._clock() + timedelta(seconds=seconds))

"""What the tracker does with messages: fold results into chunks, add the chunks up, notify gateways and chunker."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

import structlog

from services.tracker.endings import Endings
from services.tracker.finishing import change_to_end
from services.tracker.progress import foldings, single_results
from services.tracker.range_learning import RangeLearning
from shared.documents import Batch, ChunkTotals, SealedChunks
from shared.messaging.messages import BatchStopped, ChunkSettled, Message, ResultMessage
from shared.ports import BatchWriter, ChunkOutcomes, FactsRecorder, Publisher
from shared.running.clock import Clock
from shared.running.gathering import gather_all
from shared.running.hinting import progress_hint

log = structlog.get_logger()

CHUNKS_PER_SEAL = 1000
"""Settled chunks at the front of a batch are sealed by so many, so that adding up stays cheap in a huge batch."""

ROLL_UPS_AT_ONCE = 16
"""Batches that are added up at the same time."""


@dataclass(frozen=True)
class TrackerHandlers:
    """Keeps progress. Folding absorbs repeats and sums are recomputed, so results may come twice and in any order."""

    batches: BatchWriter
    chunks: ChunkOutcomes
    publisher: Publisher
    statistics: FactsRecorder
    endings: Endings
    ranges: RangeLearning
    clock: Clock
    _: KW_ONLY
    chunks_per_seal: int = CHUNKS_PER_SEAL

    async def results(self, messages: Sequence[ResultMessage]) -> None:
        """Fold results; on return they are durable and their batches added up. Note which batches are stopped."""
        results = single_results(messages)
        if results:
            await self.chunks.fold(foldings(results), self.clock())
        # Added up even when all were repeats: the tracker that folded them first may have died before adding up.
        moved = list(dict.fromkeys(result.batch_id for result in results))
        for start in range(0, len(moved), ROLL_UPS_AT_ONCE):
            # Side by side: each waits for the servers, and those who watch the last batch would wait for them all.
            await gather_all(map(self.roll_up, moved[start : start + ROLL_UPS_AT_ONCE]))
        for batch_id in dict.fromkeys(message.batch_id for message in messages if isinstance(message, BatchStopped)):
            if (batch := await self.batches.get(batch_id)) is not None:
                self.endings.expect(batch)

    async def roll_up(self, batch_id: str) -> None:
        """Recompute a batch's counters from its chunks, and notify gateways and the chunker."""
        batch = await self.batches.get(batch_id)
        if batch is None or batch.is_finished:
            return
        # Chunks that are sealed are not read again, so a huge batch costs no more than a small one.
        recent = await self.chunks.totals(batch_id, batch.generation, batch.sealed.through)
        totals = batch.sealed.plus(recent)
        now = self.clock()

        def add_up(newest: Batch) -> Batch:
            certainty = self.ranges.certainty
            return newest.rolled_up(totals, now, certainty) if newest.generation == batch.generation else newest

        changed = await change_to_end(self.batches, self.statistics, batch, add_up)
        self.endings.expect(changed)
        await self._notify(batch, changed)
        if recent.settled_chunks >= self.chunks_per_seal and not changed.is_finished:
            await self._seal(batch)

    async def _notify(self, before: Batch, after: Batch) -> None:
        more_settled = after.settled_chunks > before.settled_chunks
        messages: list[Message] = []
        # Also when nothing of this batch is left to release: there is room for others then.
        if more_settled:
            messages.append(
                ChunkSettled(batch_id=after.id, generation=after.generation, settled_chunks=after.settled_chunks)
            )
        if after.version > before.version:
            messages.append(progress_hint(after))
        await gather_all(map(self.publisher.publish, messages))
        if after.is_finished and not before.is_finished:
            self.ranges.note(after)
            log.info(
                "batch_finished",
                batch_id=after.id,
                status=after.status,
                completed_images=after.completed_images,
                failed_images=after.failed_images,
            )

    async def _seal(self, batch: Batch) -> None:
        old = batch.sealed
        first_unsettled = await self.chunks.first_unsettled(batch.id, batch.generation, old.through)
        # Chunks past the released ones may not be recorded yet, so nothing is known of them.
        released = batch.first_chunk + batch.released_chunks
        through = released if first_unsettled is None else min(first_unsettled, released)
        if through <= old.through:
            return
        front: ChunkTotals = await self.chunks.totals(batch.id, batch.generation, old.through, through)
        sealed = SealedChunks(**old.plus(front).model_dump(), through=through)

        def seal(newest: Batch) -> Batch:
            same = newest.generation == batch.generation and newest.sealed == old
            return newest.changed(self.clock(), sealed=sealed) if same else newest

        await self.batches.change(batch.id, seal)

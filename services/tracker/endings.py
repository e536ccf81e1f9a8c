"""Ending stopped batches: what has no outcome is revoked, shortly after the stop so that results on their way count."""

from datetime import datetime, timedelta

import structlog

from shared.clock import Clock
from shared.documents import Batch
from shared.messages import BatchProgressed
from shared.ports import BatchStore, ChunkOutcomes, Publisher
from shared.sweeping import SweepFailures

log = structlog.get_logger()

SETTLING_SECONDS = 1.0
"""Between a batch's stop and its end. Workers begin nothing more meanwhile, and their last results arrive."""

AGAIN_SECONDS = 5.0
"""Until an end that failed is tried again."""

CHUNKS_PER_CUT = 100


class Endings:
    """Stopped batches that this tracker will end. Others may end them as well: each step may be done twice.

    They are kept in memory only: a tracker's sweep finds those that a crash has forgotten.
    """

    def __init__(self, batches: BatchStore, chunks: ChunkOutcomes, publisher: Publisher, clock: Clock) -> None:
        self._batches = batches
        self._chunks = chunks
        self._publisher = publisher
        self._clock = clock
        self._due: dict[tuple[str, int], datetime] = {}

    def expect(self, batch: Batch) -> None:
        """Have a batch ended when its time has come, if it is stopped and has not ended."""
        if batch.is_finished or batch.stopped_at is None:
            return
        # Whoever stopped it may have a clock that is ahead.
        settled_at = min(batch.stopped_at, self._clock()) + timedelta(seconds=SETTLING_SECONDS)
        self._due.setdefault((batch.id, batch.generation), settled_at)

    async def end_due(self) -> None:
        """End every batch whose time has come; one that cannot be ended is tried again later."""
        failures = SweepFailures()
        now = self._clock()
        for stopped in [stopped for stopped, due in self._due.items() if due <= now]:
            self._due[stopped] = now + timedelta(seconds=AGAIN_SECONDS)
            with failures.put_off(stopped[0]):
                await self._end(*stopped)
                del self._due[stopped]
        failures.raise_all()

    async def _end(self, batch_id: str, generation: int) -> None:
        batch = await self._batches.get(batch_id)
        if batch is None or batch.generation != generation or batch.is_finished or not batch.stop:
            return
        while unsettled := await self._chunks.unsettled(batch_id, generation, CHUNKS_PER_CUT):
            await self._chunks.cut_off(unsettled)
        recent = await self._chunks.totals(batch_id, generation, batch.sealed.through)
        totals, now = batch.sealed.plus(recent), self._clock()

        def end(newest: Batch) -> Batch:
            return newest.ended_early(totals, now) if newest.generation == generation else newest

        ended = await self._batches.change(batch_id, end)
        log.info(
            "batch_ended_early",
            batch_id=ended.id,
            status=ended.status,
            stop=batch.stop,
            completed_images=ended.completed_images,
            failed_images=ended.failed_images,
            revoked_images=ended.revoked_images,
        )
        await self._publisher.publish(BatchProgressed(batch_id=ended.id, batch_version=ended.version))

"""Ending stopped batches: what was in development is waited for and counts, everything else is revoked."""

import asyncio
from dataclasses import KW_ONLY, dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from services.tracker.finishing import change_to_end
from shared.documents import Batch
from shared.errors import TransientError
from shared.ports import BatchWriter, ChunkEndings, FactsRecorder, Publisher
from shared.running.clock import Clock
from shared.running.hinting import progress_hint, publish_hints
from shared.running.sweeping import SweepFailures

log = structlog.get_logger()

SETTLING_SECONDS = 1.0
"""Between hearing of a stop and the first look at the chunks. A worker claims a chunk before it begins an image of it,
by a reading of the batch that is a second old at most: what is in development is seen in hand from then on."""

LOOK_SECONDS = 0.5
"""Until the next look at a batch of which images are still in development."""

AGAIN_SECONDS = 5.0
"""Until an end that failed is tried again."""

CHUNKS_PER_WRITE = 100

ENDED_AT_ONCE = 8
"""Stopped batches seen to side by side, so that a huge one does not hold up the others."""


@dataclass(frozen=True)
class StoppedBatch:
    """A generation of a batch that is to be ended: when it is looked at next, and when it ends in any case."""

    batch_id: str
    generation: int
    look_at: datetime
    at_latest: datetime


@dataclass(frozen=True)
class Endings:
    """Stopped batches that this tracker will end. Others may end them as well: each step may be done twice.

    They are kept in memory only: a tracker's sweep finds those that a crash has forgotten.
    """

    batches: BatchWriter
    chunks: ChunkEndings
    publisher: Publisher
    statistics: FactsRecorder
    clock: Clock
    _: KW_ONLY
    max_settling_seconds: float
    ended_at_once: int = ENDED_AT_ONCE
    chunks_per_write: int = CHUNKS_PER_WRITE
    _expected: dict[tuple[str, int], StoppedBatch] = field(default_factory=dict)

    def expect(self, batch: Batch) -> None:
        """Have a batch ended when its time has come, if it is stopped and has not ended."""
        if batch.is_finished or batch.stopped_at is None:
            return
        now = self.clock()
        stopped = StoppedBatch(
            batch.id,
            batch.generation,
            look_at=now + timedelta(seconds=SETTLING_SECONDS),
            # The gateway that stopped it may have a clock that is ahead.
            at_latest=min(batch.stopped_at, now) + timedelta(seconds=self.max_settling_seconds),
        )
        self._expected.setdefault((batch.id, batch.generation), stopped)

    async def end_due(self) -> None:
        """End every batch whose time has come; one that cannot be ended is tried again later.

        Raises a `TransientError` of the database, and an `ExceptionGroup` of what was wrong with single batches.
        """
        now = self.clock()
        due = [stopped for stopped in self._expected.values() if stopped.look_at <= now]
        ended: list[Batch] = []
        errors: list[tuple[StoppedBatch, BaseException]] = []
        for first in range(0, len(due), self.ended_at_once):
            some = due[first : first + self.ended_at_once]
            answers = await asyncio.gather(*(self._see_to(stopped) for stopped in some), return_exceptions=True)
            ended += [answer for answer in answers if isinstance(answer, Batch)]
            errors += [(one, a) for one, a in zip(some, answers, strict=True) if isinstance(a, BaseException)]
            if any(isinstance(error, TransientError) for _, error in errors):
                break  # it concerns those behind as well
        await publish_hints(self.publisher, [progress_hint(batch) for batch in ended])
        failures = SweepFailures()
        for stopped, error in errors:
            with failures.put_off(stopped.batch_id):
                raise error
        failures.raise_all()

    async def _see_to(self, stopped: StoppedBatch) -> Batch | None:
        """End the batch unless it has ended or has to wait for what is in development; answers it if it ended here."""
        key, now = (stopped.batch_id, stopped.generation), self.clock()
        # Before anything can fail, so that a failure leaves the batch to be tried again.
        self._expected[key] = replace(stopped, look_at=now + timedelta(seconds=AGAIN_SECONDS))
        batch = await self.batches.get(stopped.batch_id)
        if batch is None or batch.generation != stopped.generation or batch.is_finished or not batch.stop:
            del self._expected[key]
            return None
        if now < stopped.at_latest and await self.chunks.in_hand(*key, now):
            self._expected[key] = replace(stopped, look_at=now + timedelta(seconds=LOOK_SECONDS))
            return None
        ended = await self._end(batch)
        del self._expected[key]
        return ended

    async def _end(self, batch: Batch) -> Batch:
        while unsettled := await self.chunks.unsettled(batch.id, batch.generation, self.chunks_per_write):
            await self.chunks.revoke_rest(unsettled, self.clock())
        recent = await self.chunks.totals(batch.id, batch.generation, batch.sealed.through)
        totals, now = batch.sealed.plus(recent), self.clock()

        def end(newest: Batch) -> Batch:
            return newest.ended_early(totals, now) if newest.generation == batch.generation else newest

        ended = await change_to_end(self.batches, self.statistics, batch, end)
        log.info(
            "batch_ended_early",
            batch_id=ended.id,
            status=ended.status,
            stop=batch.stop,
            completed_images=ended.completed_images,
            failed_images=ended.failed_images,
            revoked_images=ended.revoked_images,
        )
        return ended

"""Publishes every recorded batch to the chunker: at once, and again until the broker has confirmed it."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import structlog

from services.gateway.background.backlog import Backlog, Owed, owed
from services.gateway.background.outbox import Outbox
from shared.documents import Batch
from shared.errors import BatchUnknownError
from shared.messaging.messages import BatchSubmitted
from shared.ports import BatchStore, Publisher
from shared.running.clock import Clock
from shared.running.lifecycle import Readiness, Stopping
from shared.running.sweeping import pages

log = structlog.get_logger()

CONCURRENCY = 32
"""Batches published at the same time: each waits for a confirm and a write, and a gateway takes hundreds a second."""

SWEPT_AT_ONCE = 100


class Relay:
    """The outbox of the batch collection: a batch without `dispatched_at` is not published to the chunker yet.

    A crash between the confirmed message and `dispatched_at` publishes it again, which the chunker expects.
    """

    def __init__(
        self, batches: BatchStore, publisher: Publisher, clock: Clock, sweep_seconds: float, backlog: Backlog
    ) -> None:
        self._batches = batches
        self._publisher = publisher
        self._clock = clock
        self._sweep_seconds = sweep_seconds
        self._backlog = backlog
        self._outbox = Outbox("relay", self._publish, self.sweep, concurrency=CONCURRENCY, sweep_seconds=sweep_seconds)

    def wake(self, batch: Batch) -> None:
        """Have a batch published that was recorded just now."""
        self._backlog.note(batch)
        self._outbox.add(batch)

    async def run(self, stopping: Stopping, readiness: Readiness) -> None:
        """Publish batches until cancelled; sweeps end with stopping."""
        await self._outbox.run(stopping, readiness)

    async def flush(self) -> None:
        """Publish every batch that is waiting; one whose message is not confirmed is left to a sweep."""
        await self._outbox.flush()

    async def sweep(self) -> None:
        """Publish every unfinished batch that was not published when it should have been; raises `TransientError`.

        Once a message is not confirmed, the rest is only looked at, so that the backlog is known while the broker is
        away.
        """
        known = self._backlog.noted
        found: set[Owed] = set()
        problem: BaseException | None = None
        async for page in pages(self._batches.unfinished, SWEPT_AT_ONCE):
            waiting = [batch for batch in page if batch.dispatched_at is None]
            found.update(owed(batch) for batch in waiting if batch.may_be_developed)
            overdue = self._note_overdue(waiting)
            # After a failure the broker is probably away: further pages are only counted.
            problem = problem or await self._publish_all(overdue)
        # Published by another gateway, or paused or stopped before that.
        self._backlog.forget(known - found)
        self._backlog.report()
        if problem is not None:
            raise problem

    def _note_overdue(self, waiting: Sequence[Batch]) -> Sequence[Batch]:
        due = self._clock() - timedelta(seconds=self._sweep_seconds)
        # A younger one is in the hands of the gateway that has just recorded it.
        overdue = [batch for batch in waiting if batch.updated_at <= due]
        # Noted before any is published, as a message that is not confirmed takes its time.
        for batch in overdue:
            if batch.may_be_developed:
                self._backlog.note(batch)
        return overdue

    async def _publish_all(self, batches: Sequence[Batch]) -> BaseException | None:
        """Publish some batches at a time until one fails; return why it did."""
        for first in range(0, len(batches), CONCURRENCY):
            some = batches[first : first + CONCURRENCY]
            results = await asyncio.gather(*map(self._publish, some), return_exceptions=True)
            if failed := [result for result in results if result is not None]:
                return failed[0]
        return None

    async def _publish(self, batch: Batch) -> None:
        await self._publisher.publish(BatchSubmitted(batch_id=batch.id, generation=batch.generation))
        now = self._clock()

        def dispatched(newest: Batch) -> Batch:
            # A retry, or an end of a pause, that came meanwhile has to have a message of its own.
            return newest.dispatched(now) if newest.submissions == batch.submissions else newest

        try:
            await self._batches.change(batch.id, dispatched)
        except BatchUnknownError:
            log.info("batch_gone", batch_id=batch.id)
        else:
            log.info("batch_dispatched", batch_id=batch.id)
        self._backlog.settle(batch)

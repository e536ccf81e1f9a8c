"""Tells the chunker of every recorded batch: at once, and again until the broker has confirmed it."""

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import timedelta

import structlog

from services.gateway.background.backlog import Backlog, Owed, owed
from shared.documents import Batch
from shared.errors import BatchUnknownError, TransientError
from shared.messaging.messages import BatchSubmitted
from shared.ports import BatchStore, Publisher
from shared.running.clock import Clock
from shared.running.lifecycle import Readiness, Stopping, run_every

log = structlog.get_logger()

MAX_WAITING = 1000
"""Batches kept in memory to be told of at once; what does not fit is found by the sweep."""

SWEPT_AT_ONCE = 100


class Relay:
    """The outbox of the batch collection: the chunker has not been told of a batch without `dispatched_at`.

    A crash between the confirmed message and `dispatched_at` sends it again, which the chunker expects.
    """

    def __init__(
        self, batches: BatchStore, publisher: Publisher, clock: Clock, sweep_seconds: float, backlog: Backlog
    ) -> None:
        self._batches = batches
        self._publisher = publisher
        self._clock = clock
        self._sweep_seconds = sweep_seconds
        self._backlog = backlog
        self._waiting: deque[Batch] = deque(maxlen=MAX_WAITING)
        self._woken = asyncio.Event()
        self._flushing = asyncio.Lock()

    def wake(self, batch: Batch) -> None:
        """Have the chunker told of a batch that was recorded just now."""
        self._backlog.note(batch)
        self._waiting.append(batch)
        self._woken.set()

    async def run(self, stopping: Stopping, readiness: Readiness) -> None:
        """Tell of batches until cancelled; searches end with stopping, as another gateway may go on with them."""
        async with asyncio.TaskGroup() as tasks:
            sweeps = run_every(self._sweep_seconds, self.sweep, stopping, name="relay", readiness=readiness)
            tasks.create_task(sweeps, name="relay-sweep")
            while True:
                await self._woken.wait()
                self._woken.clear()
                await self.flush()

    async def flush(self) -> None:
        """Tell of every batch that is waiting; one whose message is not confirmed is left to a sweep."""
        async with self._flushing:
            while self._waiting:
                batch = self._waiting.popleft()
                try:
                    await self._tell(batch)
                except TransientError:
                    log.warning("batch_not_dispatched", batch_id=batch.id, exc_info=True)

    async def sweep(self) -> None:
        """Tell of every unfinished batch that was not told of when it should have been; raises `TransientError`.

        Once a message is not confirmed, the rest is only looked at, so that the backlog is known while the broker is
        away.
        """
        known = self._backlog.noted
        found: set[Owed] = set()
        problem: TransientError | None = None
        after = ""
        while page := await self._batches.unfinished(SWEPT_AT_ONCE, after):
            waiting = [batch for batch in page if batch.dispatched_at is None]
            found.update(owed(batch) for batch in waiting if batch.may_be_developed)
            problem = await self._tell_overdue(waiting, problem)
            after = page[-1].id
        # Told of by another gateway, or paused or stopped before anybody was.
        self._backlog.forget(known - found)
        self._backlog.report()
        if problem is not None:
            raise problem

    async def _tell_overdue(self, waiting: Sequence[Batch], problem: TransientError | None) -> TransientError | None:
        due = self._clock() - timedelta(seconds=self._sweep_seconds)
        # A younger one is in the hands of the gateway that has just recorded it.
        overdue = [batch for batch in waiting if batch.updated_at <= due]
        # Noted first, as a message that is not confirmed takes its time.
        for batch in overdue:
            if batch.may_be_developed:
                self._backlog.note(batch)
        for batch in overdue:
            if problem is not None:
                break
            try:
                await self._tell(batch)
            except TransientError as error:
                problem = error
        return problem

    async def _tell(self, batch: Batch) -> None:
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

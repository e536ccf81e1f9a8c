"""What is said of batches that have no news of their own: how long they still wait, or that nothing of them ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from shared.costs.forecast import Waiting, seconds_to_end
from shared.documents import Batch, Priority, remaining_ms
from shared.ports import BatchWriter, Publisher, WorkerRegister
from shared.running.clock import Clock
from shared.running.hinting import progress_hint, publish_hints
from shared.running.sweeping import SweepFailures

LANE_WEIGHTS: Mapping[Priority, float] = {"high": 4.0, "normal": 2.0, "low": 1.0}

SEEN_SECONDS = 10.0
"""A worker that was not seen for so long has no slots; it reports every two seconds."""

SLOT_MS_PER_SECOND = 1000.0
"""What a slot gets done, as long as nothing was measured."""


@dataclass(frozen=True)
class Forecasts:
    """Writes estimates into the documents of batches where they differ from what these say."""

    batches: BatchWriter
    workers: WorkerRegister
    publisher: Publisher
    clock: Clock

    async def renew(self, unfinished: Sequence[Batch], failures: SweepFailures) -> None:
        """Say of each batch what is to be expected now; a batch that moves says that by itself."""
        now = self.clock()
        seen = await self.workers.seen_since(now - timedelta(seconds=SEEN_SECONDS))
        slots = sum(worker.slots for worker in seen)
        moving = [batch for batch in unfinished if batch.may_be_developed]
        expected = seconds_to_end(map(_waiting, moving), _rate(moving, slots))
        changed: list[Batch] = []
        for batch in moving:
            seconds = expected.get(batch.id)
            if batch.forecast(seconds, now) is batch:
                continue
            with failures.put_off(batch.id):
                changed.append(await self.batches.change(batch.id, partial(_forecast, seconds, now)))
        await publish_hints(self.publisher, [progress_hint(batch) for batch in changed])


def _forecast(seconds: float | None, now: datetime, batch: Batch) -> Batch:
    return batch.forecast(seconds, now)


def _waiting(batch: Batch) -> Waiting:
    return Waiting(batch.id, LANE_WEIGHTS[batch.priority], remaining_ms(batch))


def _rate(moving: Sequence[Batch], slots: int) -> float:
    """Milliseconds of cost that end in a second: those that the batches under way have, or what slots usually do."""
    measured = sum(batch.pace.work_per_second or 0.0 for batch in moving if batch.is_paced)
    return measured if measured and slots else slots * SLOT_MS_PER_SECOND

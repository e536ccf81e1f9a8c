"""Batches as they were a moment ago: a worker asks for the same few with every image."""

from collections import OrderedDict
from datetime import datetime, timedelta

from shared.documents import Batch
from shared.ports import BatchReader
from shared.running.clock import Clock

FRESH_SECONDS = 1.0
"""How old an answer may be. Nothing of a cancelled or paused batch is therefore begun after this time."""

MAX_BATCHES = 100


class RecentBatches:
    """Reads a batch at most once a second."""

    def __init__(self, batches: BatchReader, clock: Clock) -> None:
        self._batches = batches
        self._clock = clock
        self._known: OrderedDict[str, tuple[datetime, Batch]] = OrderedDict()

    async def get(self, batch_id: str) -> Batch | None:
        """The batch as it was at most a second ago; None if there is none."""
        read_at, batch = self._known.get(batch_id, (None, None))
        if batch is not None and read_at is not None and self._clock() - read_at < timedelta(seconds=FRESH_SECONDS):
            return batch
        return await self.newest(batch_id)

    async def newest(self, batch_id: str) -> Batch | None:
        """The batch as it is now; None if there is none."""
        # Before the read, which may take seconds: a cache that takes the time itself would take that of its end.
        now = self._clock()
        batch = await self._batches.get(batch_id)
        if batch is not None:
            self._known[batch_id] = (now, batch)
            self._known.move_to_end(batch_id)
            while len(self._known) > MAX_BATCHES:
                self._known.popitem(last=False)
        return batch

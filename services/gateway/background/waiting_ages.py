"""How long the oldest chunk of each queue has waited for a worker."""

import asyncio
from collections.abc import Mapping

from shared.documents import Priority
from shared.messaging.topology import CHUNKS
from shared.ports import ChangedBatches, WaitingChunks
from shared.running.clock import Clock

MAX_HELD_BATCHES = 5
"""So many batches whose chunks no worker may begin are passed over; a queue with more of them has no age then."""


class WaitingAges:
    """Asks the documents: messages do not say since when they wait."""

    def __init__(self, chunks: WaitingChunks, batches: ChangedBatches, clock: Clock) -> None:
        self._chunks = chunks
        self._batches = batches
        self._clock = clock

    async def read(self) -> Mapping[str, float]:
        """Seconds by the queue's name, of those in which a chunk waits; raises `TransientError`."""
        ages = await asyncio.gather(*map(self._age, CHUNKS))
        return {queue.name: age for queue, age in zip(CHUNKS.values(), ages, strict=True) if age is not None}

    async def _age(self, priority: Priority) -> float | None:
        held: list[str] = []
        now = self._clock()
        while len(held) <= MAX_HELD_BATCHES:
            oldest = await self._chunks.oldest_waiting(priority, now, held)
            if oldest is None or oldest.released_at is None:
                return None
            batches = await self._batches.of_ids({oldest.batch_id})
            if any(batch.may_be_developed for batch in batches):
                return max(0.0, (now - oldest.released_at).total_seconds())
            # Paused or stopping: its messages are in no queue.
            held.append(oldest.batch_id)
        return None

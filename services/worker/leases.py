"""The chunks that this worker has in hand, kept from counting as lost by renewing their leases."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from shared.clock import Clock
from shared.ports import ChunkClaims


class Leases:
    """Remembers which chunks are in hand and renews them all in one write."""

    def __init__(self, chunks: ChunkClaims, worker_id: str, clock: Clock, lease_seconds: float) -> None:
        self._chunks = chunks
        self.worker_id = worker_id
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._in_hand: Counter[str] = Counter()

    def now(self) -> datetime:
        """The present: a lease that ends now has ended."""
        return self._clock()

    def until(self, extra_seconds: float = 0.0) -> datetime:
        """When a lease taken now ends."""
        return self._clock() + timedelta(seconds=self._lease_seconds + extra_seconds)

    @contextmanager
    def held(self, chunk_id: str) -> Iterator[None]:
        """Keep this chunk's lease alive meanwhile; a redelivery may bring a chunk that is in hand already."""
        self._in_hand[chunk_id] += 1
        try:
            yield
        finally:
            self._in_hand -= Counter([chunk_id])  # forgets those that are down to zero

    async def renew(self) -> None:
        """Extend the lease of everything in hand."""
        if self._in_hand:
            await self._chunks.renew(sorted(self._in_hand), self.worker_id, self.until())

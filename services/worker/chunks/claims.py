"""The chunks that this worker has claimed: their leases are renewed until they are released."""

import asyncio
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Protocol

from shared.documents import Chunk, Folding, Outcome
from shared.ports import ChunkClaims, ChunkOutcomes, ChunkReader
from shared.running.clock import Clock

SILENT_HEARTBEATS = 2.25
"""A holder that renews no lease for so many heartbeats is lost: one that failed or came late is forgiven."""

LOOKS_PER_HEARTBEAT = 4

FOLDED_WITHIN_SECONDS = 10.0
"""Results that no tracker has folded so long after they were published are folded by the worker itself."""


class ClaimedChunks(ChunkClaims, ChunkOutcomes, ChunkReader, Protocol):
    """What holding chunks takes: claims, a look at others' claims, and results that no tracker has folded."""


class Claims:
    """Holds chunks under a name of this process's own: another process of the same worker id is another holder."""

    def __init__(
        self, chunks: ClaimedChunks, worker_id: str, clock: Clock, *, lease_seconds: float, heartbeat_seconds: float
    ) -> None:
        # It only has to differ from the names of this worker's other lives, and is no secret.
        self.holder = f"{worker_id}.{random.getrandbits(32):08x}"
        self._chunks = chunks
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._heartbeat_seconds = heartbeat_seconds
        self._in_hand: set[str] = set()
        self._published: dict[str, tuple[datetime, Mapping[int, Outcome]]] = {}

    async def claim(self, chunk_id: str) -> Chunk | None:
        """The chunk, claimed; None if it is not there, has ended, waits out a backoff, or has a holder that shows life.

        Returns once that is known, for the holder may have been lost just now. Raises a `TransientError` when the
        database does not answer: a holder that could not renew its lease meanwhile does not count as lost.
        """
        taken = await self._claim(chunk_id)
        if taken is not None:
            return taken
        held = await self._chunks.get(chunk_id)
        if held is None or held.settled:
            return None
        # It may also have come free just now.
        is_lost = held.worker is not None and await self._shows_no_life(held)
        return await self._claim(chunk_id, found_lost=held if is_lost else None)

    async def _claim(self, chunk_id: str, found_lost: Chunk | None = None) -> Chunk | None:
        return await self._chunks.claim(chunk_id, self.holder, self._clock(), self._until(), found_lost=found_lost)

    async def _shows_no_life(self, held: Chunk) -> bool:
        loop = asyncio.get_running_loop()
        patience_ends = loop.time() + SILENT_HEARTBEATS * self._heartbeat_seconds
        while loop.time() < patience_ends:
            await asyncio.sleep(self._heartbeat_seconds / LOOKS_PER_HEARTBEAT)
            newest = await self._chunks.get(held.id)
            if newest is None or (newest.worker, newest.lease_until) != (held.worker, held.lease_until):
                return False
        return True

    @contextmanager
    def held(self, chunk_id: str) -> Iterator[None]:
        """Keep this chunk's lease alive meanwhile."""
        self._in_hand.add(chunk_id)
        try:
            yield
        finally:
            self._in_hand.discard(chunk_id)

    def remember_published(self, chunk_id: str, outcomes: Mapping[int, Outcome]) -> None:
        """Remember a chunk whose last result the broker has just confirmed, until its outcomes are in its document.

        Its lease is renewed meanwhile, so that it is not developed again while trackers are behind or away.
        """
        self._published[chunk_id] = self._clock(), outcomes

    def published_outcomes(self, chunk_id: str) -> Mapping[int, Outcome]:
        """The outcomes of a chunk's images that this worker has published, as far as it remembers."""
        _, outcomes = self._published.get(chunk_id, (None, {}))
        return outcomes

    async def renew(self) -> None:
        """Extend the lease of everything in hand, and fold published results that no tracker has folded in time."""
        if self._in_hand or self._published:
            await self._chunks.renew(sorted({*self._in_hand, *self._published}), self.holder, self._until())
        long_ago = self._clock() - timedelta(seconds=FOLDED_WITHIN_SECONDS)
        due = [chunk_id for chunk_id, (published_at, _) in self._published.items() if published_at <= long_ago]
        for chunk_id in await self._chunks.unsettled_among(due) if due else ():
            await self.keep(chunk_id, self.published_outcomes(chunk_id))
        for chunk_id in due:
            del self._published[chunk_id]

    async def suspect(self, chunk_id: str, index: int | None) -> bool:
        """Note which image of the chunk is begun with nothing beside it; False if the chunk is not held any more."""
        return await self._chunks.suspect(chunk_id, self.holder, index)

    async def keep(self, chunk_id: str, outcomes: Mapping[int, Outcome]) -> None:
        """Make known outcomes durable in the chunk, so that the next holder does not make them again."""
        if outcomes:
            await self._chunks.fold([Folding(chunk_id=chunk_id, outcomes=outcomes)], self._clock())

    def later(self, seconds: float) -> datetime:
        """The moment so many seconds from now, by the clock that leases and backoffs go by."""
        return self._clock() + timedelta(seconds=seconds)

    async def release_claim(
        self, chunk_id: str, *, due_in_seconds: float = 0.0, retries: int = 0, not_before: datetime | None = None
    ) -> None:
        """Release a chunk; unless a worker claims it before, the reconciler looks for it when it is due.

        No worker can claim it before `not_before`, if there is one.
        """
        due = self.later(due_in_seconds)
        await self._chunks.release_claim(chunk_id, self.holder, due, retries=retries, not_before=not_before)

    async def keep_and_release(self, chunk_id: str, outcomes: Mapping[int, Outcome]) -> None:
        """Keep what is known of a chunk, then release it."""
        await self.keep(chunk_id, outcomes)
        await self.release_claim(chunk_id)

    def _until(self) -> datetime:
        return self.later(self._lease_seconds)

"""Releases the chunks of all batches: what the broker has room for, of the batch whose turn it is."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime, timedelta

from services.chunker.budget import Budget
from services.chunker.capacity import Capacity
from services.chunker.express_share import ExpressShare
from services.chunker.fair import MAX_CHUNKS, FairRelease, Room, Share
from services.chunker.plan import releasable
from services.chunker.releases import Released, Releases
from services.chunker.settings import ChunkerSettings
from shared.documents import Batch
from shared.errors import TransientError
from shared.ports import ChangedBatches, ChunkReleases, WorkerRegister
from shared.running.clock import Clock
from shared.running.gathering import gather_all
from shared.running.sweeping import SweepFailures

LOOK_AGAIN = timedelta(seconds=1)
"""So long it is believed what workers there are and what they have, but for what was released and settled since."""

SEEN_SECONDS = 6.0
"""A worker counts that has reported itself within three of its heartbeats."""


@dataclass
class Scheduler:
    """Keeps in mind which batches wait and what is out. The documents say the same, and are looked at every second.

    It may be wrong, or not the only one, for a moment: then a horizon too much is released, and nothing twice.
    """

    releases: Releases
    batches: ChangedBatches
    chunks: ChunkReleases
    workers: WorkerRegister
    clock: Clock
    settings: ChunkerSettings
    _: KW_ONLY
    max_chunks: int = MAX_CHUNKS
    _budget: Budget = field(init=False)
    _fair: FairRelease = field(init=False)
    _express: ExpressShare = field(default_factory=ExpressShare)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _looked_at: datetime | None = None

    def __post_init__(self) -> None:
        self._budget = Budget(self.settings.horizon_seconds)
        self._fair = FairRelease(self.max_chunks)

    @property
    def has_waiting(self) -> bool:
        """Whether chunks of any batch wait for room."""
        return self._fair.has_waiting

    def note(self, batch: Batch, settled_chunks: int = 0) -> None:
        """Note how a batch is, and that at least so many chunks of its generation have settled."""
        settled = self._budget.settled(batch, settled_chunks, self.clock())
        if batch.may_be_developed:
            self._fair.note(batch, settled, self.settings.window_chunks, self._budget.quantum_ms)
        else:
            self.forget(batch.id)

    def forget(self, batch_id: str) -> None:
        """Note that nothing of a batch is to be released, and that what is out of it holds up no others."""
        self._budget.free(batch_id)
        self._fair.forget(batch_id)

    def keep(self, active: Collection[str]) -> None:
        """Note all batches that may be developed: what is out of others holds up nobody."""
        self._budget.keep(active)

    async def release(self, failures: SweepFailures) -> None:
        """Release round after round, until there is no room or nothing waits; a batch that fails is left out."""
        async with self._lock:
            await self._look()
            while shares := self._fair.round(self._room()):
                found = await self.batches.of_ids({share.flow.batch_id for share in shares})
                newest = {batch.id: batch for batch in found}
                await gather_all(self._release(share, newest, failures) for share in shares)

    async def _look(self) -> None:
        now = self.clock()
        # Also when the clock was set back.
        if self._looked_at is not None and timedelta(0) <= now - self._looked_at < LOOK_AGAIN:
            return
        seen = await self.workers.seen_since(now - timedelta(seconds=SEEN_SECONDS))
        self._budget.capacity = Capacity.of(seen)
        self._budget.correct(await self.chunks.held(now))
        self._looked_at = now

    def _room(self) -> Room:
        now, budget = self.clock(), self._budget
        express_ms = self._express.available_ms(budget.capacity, budget.quantum_ms, now)
        return Room(budget.room_ms(now), budget.missing_chunks, express_ms)

    async def _release(self, share: Share, newest: Mapping[str, Batch], failures: SweepFailures) -> None:
        batch = newest.get(share.flow.batch_id)
        if batch is None:
            self.forget(share.flow.batch_id)
            return
        positions = self._positions(batch, share.chunks)
        if not positions:
            self.note(batch)
            return
        released: Released | None = None
        try:
            with failures.put_off(batch.id):
                released = await self.releases.release(batch, positions, share.express)
        except TransientError:
            # It waits as before.
            self.note(batch)
            raise
        if released is None:
            self._fair.forget(batch.id)
        else:
            self._count(released)

    def _positions(self, batch: Batch, chunks: int) -> range:
        """Which chunks the share is of now: the batch may rest, or another chunker may have been here."""
        if not batch.may_be_developed:
            return range(0)
        settled = self._budget.settled(batch, 0, self.clock())
        return releasable(batch, settled, self.settings.window_chunks)[:chunks]

    def _count(self, released: Released) -> None:
        batch, chunks = released
        self._budget.hold(batch, len(chunks), sum(chunk.cost_ms for chunk in chunks))
        self._express.spend(sum(chunk.cost_ms for chunk in chunks if chunk.express))
        self.note(batch)

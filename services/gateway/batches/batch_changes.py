"""Live changes of all batches: each is read once for all who follow them, and encoded once."""

import asyncio
import contextlib
from collections.abc import Awaitable, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime, timedelta

import structlog

from services.gateway.batches.followers import MAX_CHANGES, ChangedBatch, Followers
from shared.ports import ChangedBatches
from shared.running.clock import Clock

log = structlog.get_logger()

OVERLAP_SECONDS = 10.0
"""How far a search for lost changes looks behind the one before: clocks differ, and writes take their time."""


@dataclass
class BatchChanges:
    """Reads the batches that hints name, and searches every few seconds for those whose hints were lost."""

    batches: ChangedBatches
    followers: Followers
    clock: Clock
    _: KW_ONLY
    interval_seconds: float
    refresh_seconds: float
    _moved: set[str] = field(default_factory=set)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _searched_at: datetime = field(init=False)
    # Versions that were offered, of batches which the next search will find again.
    _offered: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._searched_at = self.clock()

    def note(self, batch_id: str) -> None:
        """Have a batch read that has moved, if anyone follows."""
        # One too many says that there are too many.
        if len(self._moved) <= MAX_CHANGES and self.followers.of("batches"):
            self._moved.add(batch_id)
            self._woken.set()

    async def run(self) -> None:
        """Feed the followers until cancelled."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), self.refresh_seconds)
            self._woken.clear()
            await self._look()
            # What moves meanwhile is read together afterwards.
            await asyncio.sleep(self.interval_seconds)

    async def _look(self) -> None:
        moved, self._moved = self._moved, set()
        if not self.followers.of("batches"):
            # What changes now is in the list that the next follower reads.
            self._searched_at, self._offered = self.clock(), {}
            return
        if moved:
            await self._offer(self._read(moved))
        if self.clock() - self._searched_at >= timedelta(seconds=self.refresh_seconds):
            await self._offer(self._search())

    async def _offer(self, reading: Awaitable[Sequence[ChangedBatch]]) -> None:
        try:
            changed = await reading
        except _TooManyChangesError:
            for slot in self.followers.of("batches"):
                slot.offer_reload()
        except Exception:  # it must outlive whatever one round meets: the next search that succeeds finds them
            log.warning("changed_batches_unread", exc_info=True)
        else:
            for slot in self.followers.of("batches") if changed else ():
                slot.offer_changes(changed)

    async def _read(self, moved: set[str]) -> Sequence[ChangedBatch]:
        if len(moved) > MAX_CHANGES:
            raise _TooManyChangesError
        found = {batch.id: batch for batch in await self.batches.of_ids(moved)}
        self._offered.update({batch.id: batch.version for batch in found.values()})
        proofs = {batch.id for batch in found.values() if batch.is_proof}
        return [ChangedBatch(batch_id, found.get(batch_id)) for batch_id in moved - proofs]

    async def _search(self) -> Sequence[ChangedBatch]:
        """The batches that have changed without being offered."""
        since, now = self._searched_at - timedelta(seconds=OVERLAP_SECONDS), self.clock()
        found = await self.batches.updated_since(since, MAX_CHANGES + 1)
        lost = [batch for batch in found if batch.version > self._offered.get(batch.id, -1)]
        self._searched_at, self._offered = now, {batch.id: batch.version for batch in found}
        if len(found) > MAX_CHANGES:
            raise _TooManyChangesError
        return [ChangedBatch(batch.id, batch) for batch in lost if not batch.is_proof]


class _TooManyChangesError(Exception):
    """More batches have changed than one event holds."""

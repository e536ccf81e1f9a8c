"""Live progress: each watched batch is read once for all who watch it, and each of them sees the newest state."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import structlog

from shared.documents import Batch
from shared.errors import DarkroomError
from shared.ports import BatchReader
from shared.running.lifecycle import Stopping

log = structlog.get_logger()

READS_AT_ONCE = 16


class LatestBatch:
    """One watcher's slot: it holds only the newest state, so a slow reader costs nothing."""

    def __init__(self) -> None:
        self._newest: Batch | None = None
        self._changed = asyncio.Event()
        self._closed = False

    def offer(self, batch: Batch) -> None:
        """Replace what is in the slot, unless that is newer."""
        if self._newest is None or batch.version > self._newest.version:
            self._newest = batch
            self._changed.set()

    def close(self) -> None:
        """Nothing more will come."""
        self._closed = True
        self._changed.set()

    async def newer_than(self, version: int) -> Batch | None:
        """The newest state once it is beyond `version`; None when no such state will come."""
        while not self._closed and (self._newest is None or self._newest.version <= version):
            self._changed.clear()
            await self._changed.wait()
        return self._newest if self._newest is not None and self._newest.version > version else None


async def snapshots(first: Batch, slot: LatestBatch, interval_seconds: float) -> AsyncIterator[Batch]:
    """Yield a batch's states from `first` to the finished one, coalesced; end earlier once the slot is closed."""
    batch: Batch | None = first
    while batch is not None:
        yield batch
        if batch.is_finished:
            return
        # What changes meanwhile is coalesced in the slot.
        await asyncio.sleep(interval_seconds)
        batch = await slot.newer_than(batch.version)


class ProgressFeed:
    """Reads watched batches when a hint says that they moved, and every few seconds in any case."""

    def __init__(self, batches: BatchReader, *, interval_seconds: float, refresh_seconds: float) -> None:
        self._batches = batches
        self._interval_seconds = interval_seconds
        self._refresh_seconds = refresh_seconds
        self._slots: defaultdict[str, set[LatestBatch]] = defaultdict(set)
        self._moved: set[str] = set()
        self._woken = asyncio.Event()
        self._closed = False

    @contextmanager
    def watch(self, batch_id: str) -> Iterator[LatestBatch]:
        """A slot that gets each new state of the batch while the context lasts."""
        slot = LatestBatch()
        if self._closed:
            slot.close()
        self._slots[batch_id].add(slot)
        try:
            yield slot
        finally:
            self._slots[batch_id].discard(slot)
            if not self._slots[batch_id]:
                del self._slots[batch_id]

    def note(self, batch_id: str) -> None:
        """Have a batch read that has moved, if anyone watches it."""
        if batch_id in self._slots:
            self._moved.add(batch_id)
            self._woken.set()

    async def run(self, stopping: Stopping) -> None:
        """Feed the slots until stopping, then close them all."""
        async with asyncio.TaskGroup() as tasks:
            parts = [
                tasks.create_task(self._mark_all_regularly(), name="progress-refresh"),
                tasks.create_task(self._read_moved(), name="progress-reads"),
            ]
            await stopping.wait()
            self._close()
            for part in parts:
                part.cancel()

    def _close(self) -> None:
        self._closed = True
        for slots in self._slots.values():
            for slot in slots:
                slot.close()

    async def _mark_all_regularly(self) -> None:
        while True:
            await asyncio.sleep(self._refresh_seconds)
            self._moved.update(self._slots)
            self._woken.set()

    async def _read_moved(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            moved, self._moved = list(self._moved), set()
            for start in range(0, len(moved), READS_AT_ONCE):
                await asyncio.gather(*(self._read(batch_id) for batch_id in moved[start : start + READS_AT_ONCE]))
            # What moves meanwhile is read together afterwards.
            await asyncio.sleep(self._interval_seconds)

    async def _read(self, batch_id: str) -> None:
        try:
            batch = await self._batches.get(batch_id)
        except DarkroomError:
            log.warning("watched_batch_unread", batch_id=batch_id, exc_info=True)
            return
        for slot in tuple(self._slots.get(batch_id, ())):
            # A batch that was deleted while it was being stopped has ended by that, and its watchers see the end.
            if batch is None or (batch.deleted_at and not batch.is_finished):
                slot.close()
            else:
                slot.offer(batch)

"""Live progress: each watched batch is read once for all who watch it, as soon as it has moved."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import structlog

from services.gateway.batches.watched_batch import WatchedBatch
from shared.documents import Batch
from shared.errors import TransientError
from shared.ports import ChangedBatches
from shared.running.lifecycle import Stopping

log = structlog.get_logger()

MAX_READ_TOGETHER = 100
"""Batches in one query: a batch may have 100 kB."""


class ProgressFeed:
    """Reads watched batches when a hint says that they moved, and every `refresh_seconds` in any case.

    A batch is read at once, unless it was read less than `interval_seconds` ago: then as soon as that is over.
    """

    def __init__(self, batches: ChangedBatches, *, interval_seconds: float, refresh_seconds: float) -> None:
        self._batches = batches
        self._interval_seconds = interval_seconds
        self._refresh_seconds = refresh_seconds
        self._watched: dict[str, WatchedBatch] = {}
        self._due: set[str] = set()
        self._woken = asyncio.Event()
        self._closed = False

    @contextmanager
    def watch(self, batch_id: str) -> Iterator[WatchedBatch]:
        """What is known of the batch, kept new while the context lasts; read it yourself for its first state."""
        watched = self._watched.setdefault(batch_id, WatchedBatch())
        if self._closed:
            watched.close()
        watched.watchers += 1
        try:
            yield watched
        finally:
            watched.watchers -= 1
            if not watched.watchers and self._watched.get(batch_id) is watched:
                del self._watched[batch_id]

    def note(self, batch_id: str) -> None:
        """Have a batch read that has moved, if anyone watches it."""
        watched = self._watched.get(batch_id)
        if watched is None or watched.is_due:
            return
        watched.is_due = True
        loop = asyncio.get_running_loop()
        loop.call_at(watched.read_at + self._interval_seconds, self._make_due, batch_id)

    async def run(self, stopping: Stopping) -> None:
        """Feed those who watch until stopping, then let them all go."""
        async with asyncio.TaskGroup() as tasks:
            parts = [
                tasks.create_task(self._note_all_regularly(), name="progress-refresh"),
                tasks.create_task(self._read_due(), name="progress-reads"),
            ]
            await stopping.wait()
            self._closed = True
            for watched in self._watched.values():
                watched.close()
            for part in parts:
                part.cancel()

    async def _note_all_regularly(self) -> None:
        while True:
            await asyncio.sleep(self._refresh_seconds)
            for batch_id in self._watched:
                self.note(batch_id)

    def _make_due(self, batch_id: str) -> None:
        self._due.add(batch_id)
        self._woken.set()

    async def _read_due(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            due, self._due = sorted(self._due), set()
            # What becomes due meanwhile is read together afterwards.
            for start in range(0, len(due), MAX_READ_TOGETHER):
                await self._read(due[start : start + MAX_READ_TOGETHER])

    async def _read(self, batch_ids: Sequence[str]) -> None:
        now = asyncio.get_running_loop().time()
        for batch_id in batch_ids:
            if watched := self._watched.get(batch_id):
                # From now on: what moves while it is read may not be in what is read.
                watched.read_at, watched.is_due = now, False
        try:
            found = {batch.id: batch for batch in await self._batches.of_ids(set(batch_ids))}
        except Exception as error:  # the feed outlives what one read meets; logged
            log.warning("watched_batches_unread", batch_ids=batch_ids[:5], exc_info=True)
            if len(batch_ids) > 1 and not isinstance(error, TransientError):
                # One of them cannot be read: the others are shown all the same.
                for batch_id in batch_ids:
                    await self._read([batch_id])
            return
        for batch_id in batch_ids:
            self._show(batch_id, found.get(batch_id))

    def _show(self, batch_id: str, batch: Batch | None) -> None:
        watched = self._watched.get(batch_id)
        if watched is None:
            return
        # A batch that was deleted while it was being stopped has ended by that, and its watchers see the end.
        if batch is None or (batch.deleted_at and not batch.is_finished):
            watched.close()
            # Who comes from now on does not share in its end.
            del self._watched[batch_id]
        else:
            watched.offer(batch)

"""A batch that is watched: its newest state is shared, and encoded once, by all who watch it."""

import asyncio
import math
from collections.abc import AsyncIterator, Iterator

from services.gateway.answers.addresses import root_path
from services.gateway.answers.schemas import BatchStatus
from services.gateway.batches.live_event import QUIET_SECONDS, LiveEvent
from shared.documents import Batch


class Snapshot:
    """One state of a batch, and its events."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self._events: dict[str, tuple[LiveEvent, ...]] = {}

    def events(self) -> tuple[LiveEvent, ...]:
        """`progress`, and `finished` at the batch's end.

        They are encoded once for each path under which proxies publish the gateway, as their links begin with that.
        """
        prefix = root_path.get()
        if prefix not in self._events:
            self._events[prefix] = tuple(self._encode())
        return self._events[prefix]

    def _encode(self) -> Iterator[LiveEvent]:
        version, status = str(self.batch.version), BatchStatus.of(self.batch).model_dump_json()
        # The last state's id comes with `finished`: a client that lost that one asks for it again.
        yield LiveEvent("progress", status, None if self.batch.is_finished else version)
        if self.batch.is_finished:
            yield LiveEvent("finished", status, version)


class WatchedBatch:
    """The newest state that is known of a batch. Who reads slowly misses states in between, and costs nothing."""

    def __init__(self) -> None:
        self.watchers = 0
        self.read_at = -math.inf
        """When it was last read, by the event loop's clock."""
        self.is_due = False
        """Whether it is going to be read again."""
        self._newest: Snapshot | None = None
        self._changed = asyncio.Event()
        self._closed = False

    def snapshot(self, batch: Batch) -> Snapshot:
        """This state of the batch, or a newer one that is known. Nobody who waits is woken by it."""
        if self._newest is None or batch.version > self._newest.batch.version:
            self._newest = Snapshot(batch)
        return self._newest

    def offer(self, batch: Batch) -> None:
        """Give all who wait the newest state."""
        self.snapshot(batch)
        self._wake()

    def close(self) -> None:
        """Nothing more will come."""
        self._closed = True
        self._wake()

    async def newer_than(self, version: int) -> Snapshot | None:
        """The newest state once it is beyond `version`; None when no such state will come."""
        while not self._closed and (self._newest is None or self._newest.batch.version <= version):
            await self._changed.wait()
        return self._newest if self._newest is not None and self._newest.batch.version > version else None

    async def snapshots(self, first: Batch) -> AsyncIterator[Snapshot | None]:
        """Yield the states from `first`, or a newer one, to the finished one; end earlier once nothing more comes.

        None when there was nothing for `QUIET_SECONDS`.
        """
        # Counted as a read: otherwise a second state might follow at once, and make six in a second.
        self.read_at = asyncio.get_running_loop().time()
        newest: Snapshot | None = self.snapshot(first)
        while newest is not None:
            yield newest
            version = newest.batch.version
            if newest.batch.is_finished:
                return
            while not await self._moves_soon(version):
                yield None
            newest = await self.newer_than(version)

    async def _moves_soon(self, version: int) -> bool:
        try:
            async with asyncio.timeout(QUIET_SECONDS):
                await self.newer_than(version)
        except TimeoutError:
            return False
        return True

    def _wake(self) -> None:
        self._changed.set()
        self._changed.clear()  # those who waited until now go on all the same

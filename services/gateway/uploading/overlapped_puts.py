"""Puts that overlap with the reading of an upload: small objects several at a time, a large one piece by piece."""

import asyncio
from collections.abc import AsyncIterator
from typing import Literal

import anyio

from shared.errors import StorageUnavailableError
from shared.ports import ObjectWriter

MAX_PUTS = 4


class OverlappedPuts:
    """At most four puts under way, together at most `max_bytes` (or one larger)."""

    def __init__(self, objects: ObjectWriter, max_bytes: int) -> None:
        self._objects = objects
        self._max_bytes = max_bytes
        self._under_way: dict[asyncio.Task[None], int] = {}

    async def start(self, key: str, data: bytes) -> None:
        """Begin to store an object as soon as there is room; raises what an earlier put failed with."""
        while self._under_way and not self._has_room_for(len(data)):
            await self._settle("FIRST_COMPLETED")
        task = asyncio.create_task(self._objects.put(key, data), name=f"put {key}")
        self._under_way[task] = len(data)

    def stream(self, key: str) -> "StreamedPut":
        """Begin to store an object whose bytes are still coming; it is not waited for with the others."""
        return StreamedPut(self._objects, key)

    async def finish(self) -> None:
        """Wait until everything is stored; raises what a put failed with."""
        while self._under_way:
            await self._settle("ALL_COMPLETED")

    async def abandon(self) -> None:
        """Wait until no put is under way, successful or not."""
        # Not cancelled: a cancelled put may still write its object after everything was removed.
        await asyncio.gather(*self._under_way, return_exceptions=True)
        self._under_way.clear()

    def _has_room_for(self, size: int) -> bool:
        return len(self._under_way) < MAX_PUTS and sum(self._under_way.values()) + size <= self._max_bytes

    async def _settle(self, until: Literal["FIRST_COMPLETED", "ALL_COMPLETED"]) -> None:
        done, _ = await asyncio.wait(self._under_way, return_when=until)
        for task in done:
            del self._under_way[task]
        # Raises the error of a put that failed.
        await asyncio.gather(*done)


class _CutOffError(Exception):
    """Ends a stream into the object store that shall leave nothing behind."""


class StreamedPut:
    """One put that takes its pieces as they come; the sender waits while the store is busy."""

    def __init__(self, objects: ObjectWriter, key: str) -> None:
        self._send, self._receive = anyio.create_memory_object_stream[bytes](max_buffer_size=1)
        self._complete = False
        self._task = asyncio.create_task(objects.put(key, self._pieces()), name=f"put {key}")
        # However the put ends, its sender must not wait any longer.
        self._task.add_done_callback(lambda _: self._receive.close())

    async def write(self, piece: bytes) -> None:
        """Hand on a piece; raises what the put failed with."""
        try:
            await self._send.send(piece)
        except anyio.BrokenResourceError as broken:
            await self._task
            raise StorageUnavailableError("the object store stopped reading half-way") from broken

    async def finish(self) -> None:
        """Return once the object is stored; raises what the put failed with."""
        self._complete = True
        self._send.close()
        await self._task

    async def abandon(self) -> None:
        """End the put; unless it was finished it leaves no object."""
        self._send.close()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _pieces(self) -> AsyncIterator[bytes]:
        async for piece in self._receive:
            yield piece
        if not self._complete:
            # A clean end would have half a file stored as a whole one.
            raise _CutOffError

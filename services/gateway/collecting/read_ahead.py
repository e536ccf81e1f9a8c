"""Prints read a little ahead of who takes them, in order, so that the store's latency is not paid each time."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from services.gateway.collecting.stored_print import StoredPrint
from shared.ports import ObjectReader

MAX_AHEAD = 8
MAX_BYTES_AHEAD = 8 * 1024 * 1024

T = TypeVar("T")


@dataclass(frozen=True)
class Wanted(Generic[T]):
    """A print to read for `what`, if there is one."""

    what: T
    stored: StoredPrint | None

    @property
    def size_bytes(self) -> int:
        """What is read for it."""
        return self.stored.made.size_bytes if self.stored else 0


async def read_ahead(objects: ObjectReader, wanted: AsyncIterable[Wanted[T]]) -> AsyncGenerator[tuple[T, bytes], None]:
    """Each `what` with its print's bytes, in the order in which they are wanted.

    At most 8 prints are on their way or waiting to be taken, together at most 8 MiB or one larger one. Raises
    `ApiError` when a print is missing or damaged, and `TransientError` for trouble with the store, in the print's turn.
    """
    ahead: deque[tuple[Wanted[T], asyncio.Task[bytes]]] = deque()
    try:
        async for one in wanted:
            while ahead and not _has_room(ahead, one):
                yield await _taken(ahead)
            ahead.append((one, asyncio.create_task(_read(objects, one.stored), name="read ahead")))
        while ahead:
            yield await _taken(ahead)
    finally:
        for _, task in ahead:
            task.cancel()
        # Awaited, so that no read outlives the answer.
        await asyncio.gather(*(task for _, task in ahead), return_exceptions=True)


def _has_room(ahead: deque[tuple[Wanted[T], asyncio.Task[bytes]]], one: Wanted[T]) -> bool:
    held = sum(earlier.size_bytes for earlier, _ in ahead)
    return len(ahead) < MAX_AHEAD and held + one.size_bytes <= MAX_BYTES_AHEAD


async def _taken(ahead: deque[tuple[Wanted[T], asyncio.Task[bytes]]]) -> tuple[T, bytes]:
    one, task = ahead[0]
    # Left in the queue meanwhile: if this is cancelled, the caller ends the task.
    data = await task
    ahead.popleft()
    return one.what, data


async def _read(objects: ObjectReader, stored: StoredPrint | None) -> bytes:
    return await stored.read(objects) if stored else b""

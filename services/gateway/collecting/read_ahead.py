"""Objects read a little ahead of whoever takes them, in order, so that the store's latency is not paid each time."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.answers.errors import ApiError
from shared.errors import ObjectMissingError
from shared.ports import ObjectReader

MAX_AHEAD = 8
MAX_BYTES_AHEAD = 8 * 1024 * 1024

T = TypeVar("T")


@dataclass(frozen=True)
class Wanted(Generic[T]):
    """An object to read for `what`; nothing is read without a key. `size_bytes` is what it is known to have."""

    what: T
    key: str | None
    size_bytes: int


async def read_ahead(objects: ObjectReader, wanted: AsyncIterable[Wanted[T]]) -> AsyncGenerator[tuple[T, bytes], None]:
    """Each `what` with its object's bytes, in the order in which they are wanted.

    At most 8 objects are on their way or waiting to be taken, together at most 8 MiB or one larger one. Raises
    `ApiError` when an object is missing, and `TransientError` for trouble with the store, in the object's turn.
    """
    ahead: deque[tuple[Wanted[T], asyncio.Task[bytes]]] = deque()
    try:
        async for one in wanted:
            while ahead and not _has_room(ahead, one):
                yield await _taken(ahead)
            ahead.append((one, asyncio.create_task(_read(objects, one.key), name=f"read {one.key}")))
        while ahead:
            yield await _taken(ahead)
    finally:
        for _, task in ahead:
            task.cancel()
        await asyncio.gather(*(task for _, task in ahead), return_exceptions=True)


def _has_room(ahead: deque[tuple[Wanted[T], asyncio.Task[bytes]]], one: Wanted[T]) -> bool:
    held = sum(earlier.size_bytes for earlier, _ in ahead)
    return len(ahead) < MAX_AHEAD and held + one.size_bytes <= MAX_BYTES_AHEAD


async def _taken(ahead: deque[tuple[Wanted[T], asyncio.Task[bytes]]]) -> tuple[T, bytes]:
    one, task = ahead[0]
    data = await task
    ahead.popleft()
    return one.what, data


async def _read(objects: ObjectReader, key: str | None) -> bytes:
    if key is None:
        return b""
    try:
        return await objects.get(key)
    except ObjectMissingError:
        raise ApiError(BatchCode.PRINT_MISSING) from None

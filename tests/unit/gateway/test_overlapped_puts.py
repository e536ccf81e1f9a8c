"""Puts that overlap, bounded in number and bytes."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.gateway.uploading.overlapped_puts import OverlappedPuts, StreamedPut
from shared.errors import StorageUnavailableError
from shared.ports import StoredObject
from tests.fakes import until


class SlowObjects:
    """An object store whose puts wait until they are let through."""

    def __init__(self) -> None:
        self.stored: dict[str, bytes] = {}
        self.under_way = 0
        self.max_bytes_under_way = 0
        self.go_on = asyncio.Event()
        self.failing: set[str] = set()
        self._bytes_under_way = 0

    async def put(self, key: str, data: bytes | AsyncIterator[bytes]) -> None:
        """Store, or fail as ordered."""
        if key in self.failing:
            raise StorageUnavailableError(key)
        if not isinstance(data, bytes):
            self.stored[key] = b"".join([piece async for piece in data])
            return
        self.under_way += 1
        self._bytes_under_way += len(data)
        self.max_bytes_under_way = max(self.max_bytes_under_way, self._bytes_under_way)
        await self.go_on.wait()
        self.under_way -= 1
        self._bytes_under_way -= len(data)
        self.stored[key] = data

    async def get(self, key: str) -> bytes:
        """The object."""
        return self.stored[key]

    async def stream(self, key: str, size_bytes: int | None = None) -> AsyncIterator[bytes]:
        """Nobody streams here."""
        raise NotImplementedError(key)

    async def check(self) -> None:
        """Nobody asks here."""
        raise NotImplementedError

    async def mark(self) -> None:
        """Nobody marks here."""
        raise NotImplementedError

    async def remove_under(self, prefix: str) -> None:
        """Nobody removes here."""
        raise NotImplementedError(prefix)

    async def remove(self, key: str) -> None:
        """Nobody removes here."""
        raise NotImplementedError(key)

    def listed(self, prefix: str) -> AsyncIterator[StoredObject]:
        """Nobody looks here."""
        raise NotImplementedError(prefix)


async def write_pieces(put: StreamedPut) -> None:
    """More than the stream holds by itself."""
    for _ in range(3):
        await put.write(b"a")


async def test_at_most_four_puts_are_under_way() -> None:
    """The fifth waits, and everything is stored in the end."""
    objects = SlowObjects()
    puts = OverlappedPuts(objects, max_bytes=1000)
    for number in range(4):
        await puts.start(str(number), b"x")
    fifth = asyncio.create_task(puts.start("4", b"x"))
    await until(lambda: objects.under_way == 4)
    assert not fifth.done()
    objects.go_on.set()
    await fifth
    await puts.finish()
    assert sorted(objects.stored) == ["0", "1", "2", "3", "4"]


async def test_the_bytes_under_way_are_bounded() -> None:
    """Except for an object that is larger than the bound by itself, which goes alone."""
    objects = SlowObjects()
    objects.go_on.set()
    puts = OverlappedPuts(objects, max_bytes=10)
    for number, size in enumerate((6, 6, 30, 6, 3)):
        await puts.start(str(number), b"x" * size)
    await puts.finish()
    assert objects.max_bytes_under_way == 30
    assert len(objects.stored) == 5


async def test_a_failed_put_is_raised_by_a_later_call_and_the_rest_can_be_abandoned() -> None:
    """After which nothing is under way."""
    objects = SlowObjects()
    objects.failing = {"bad"}
    puts = OverlappedPuts(objects, max_bytes=10)
    await puts.start("bad", b"x" * 6)
    with pytest.raises(StorageUnavailableError, match="bad"):
        await puts.start("next", b"x" * 6)
    await puts.start("slow", b"x")
    objects.go_on.set()
    await puts.abandon()
    assert objects.under_way == 0
    await puts.finish()


async def test_a_streamed_put_stores_its_pieces() -> None:
    """In order."""
    objects = SlowObjects()
    put = StreamedPut(objects, "key")
    for piece in (b"a", b"b", b"c"):
        await put.write(piece)
    await put.finish()
    assert objects.stored == {"key": b"abc"}


async def test_an_abandoned_streamed_put_leaves_nothing() -> None:
    """Its stream ends with an error, which stores nothing."""
    objects = SlowObjects()
    put = StreamedPut(objects, "key")
    await put.write(b"a")
    await put.abandon()
    assert objects.stored == {}


async def test_the_sender_learns_why_a_streamed_put_failed() -> None:
    """Instead of waiting for ever."""
    objects = SlowObjects()
    objects.failing = {"key"}
    put = StreamedPut(objects, "key")
    with pytest.raises(StorageUnavailableError, match="key"):
        await write_pieces(put)
    await put.abandon()


async def test_a_store_that_stops_reading_is_an_error() -> None:
    """Even if it says that all is well."""

    class Absent(SlowObjects):
        async def put(self, key: str, data: bytes | AsyncIterator[bytes]) -> None:
            """Take nothing."""

    put = StreamedPut(Absent(), "key")
    with pytest.raises(StorageUnavailableError, match="half-way"):
        await write_pieces(put)
    await put.abandon()

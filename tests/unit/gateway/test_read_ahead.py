"""Reading ahead: in order, not too far, and nothing left running."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from services.gateway.answers.errors import ApiError
from services.gateway.collecting.read_ahead import MAX_AHEAD, MAX_BYTES_AHEAD, Wanted, read_ahead
from shared.errors import ObjectMissingError, StorageUnavailableError
from shared.ports import StoredObject
from tests.fakes import until


class SlowObjects:
    """An `ObjectStore` that answers with the key, when it is told to, and knows what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.cancelled: list[str] = []
        self.errors: dict[str, Exception] = {}
        self.go_on = asyncio.Event()

    async def get(self, key: str) -> bytes:
        """See `ObjectStore`."""
        self.asked.append(key)
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.cancelled.append(key)
            raise
        if key in self.errors:
            raise self.errors[key]
        return key.encode()

    async def put(self, key: str, data: bytes | AsyncIterator[bytes]) -> None:
        """Nobody puts here."""
        raise NotImplementedError

    async def stream(self, key: str) -> AsyncIterator[bytes]:
        """Nobody streams here."""
        raise NotImplementedError

    async def check(self) -> None:
        """Nobody asks here."""
        raise NotImplementedError

    async def mark(self) -> None:
        """Nobody marks here."""
        raise NotImplementedError

    async def remove_under(self, prefix: str) -> None:
        """Nobody removes here."""
        raise NotImplementedError

    async def remove(self, key: str) -> None:
        """Nobody removes here."""
        raise NotImplementedError

    def listed(self, prefix: str) -> AsyncIterator[StoredObject]:
        """Nobody lists here."""
        raise NotImplementedError


async def wanted(count: int, size_bytes: int = 1) -> AsyncIterator[Wanted[int]]:
    """So many objects of a size."""
    for number in range(count):
        yield Wanted(number, f"{number}", size_bytes)


async def test_objects_come_in_order_with_what_they_are_for() -> None:
    """And where none is needed, none is read."""
    objects = SlowObjects()
    objects.go_on.set()

    async def some() -> AsyncIterator[Wanted[str]]:
        yield Wanted("a", "1", 5)
        yield Wanted("b", None, 0)
        yield Wanted("c", "2", 5)

    assert [taken async for taken in read_ahead(objects, some())] == [("a", b"1"), ("b", b""), ("c", b"2")]
    assert objects.asked == ["1", "2"]


@pytest.mark.parametrize(
    ("size_bytes", "ahead"), [(1, MAX_AHEAD), (MAX_BYTES_AHEAD // 2, 2), (10 * MAX_BYTES_AHEAD, 1)]
)
async def test_it_reads_so_far_ahead_and_no_further(size_bytes: int, ahead: int) -> None:
    """By number and by bytes; one that is larger than all that may be held is read alone."""
    objects = SlowObjects()
    async with aclosing(read_ahead(objects, wanted(50, size_bytes))) as read:
        first = asyncio.create_task(anext(read))
        await until(lambda: len(objects.asked) == ahead)
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(objects.asked) == ahead
        objects.go_on.set()
        assert await first == (0, b"0")
        for _ in range(20):
            await asyncio.sleep(0)
        # Whoever is slow to take the next keeps it from going on.
        assert len(objects.asked) <= ahead + 1


@pytest.mark.parametrize(
    ("error", "expected"),
    [(ObjectMissingError("3"), ApiError), (StorageUnavailableError("away"), StorageUnavailableError)],
)
async def test_what_cannot_be_read_is_raised_in_its_turn(error: Exception, expected: type[Exception]) -> None:
    """After everything before it."""
    objects = SlowObjects()
    objects.errors["3"] = error
    objects.go_on.set()
    taken: list[int] = []

    async def take() -> None:
        async for number, _ in read_ahead(objects, wanted(50)):
            taken.append(number)

    with pytest.raises(expected, match=r"print_missing|away"):
        await take()
    assert taken == [0, 1, 2]


async def test_nothing_is_left_running_when_nobody_takes_any_more() -> None:
    """Reads that are on their way are cancelled."""
    objects = SlowObjects()
    read = read_ahead(objects, wanted(50))
    first = asyncio.create_task(anext(read))
    await until(lambda: len(objects.asked) == MAX_AHEAD)
    first.cancel()
    await until(first.done)
    assert sorted(objects.cancelled) == sorted(objects.asked)

"""Reading ahead: in order, not too far, and nothing left running."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from services.gateway.answers.errors import ApiError
from services.gateway.collecting.read_ahead import MAX_AHEAD, MAX_BYTES_AHEAD, Wanted, read_ahead
from services.gateway.collecting.stored_print import StoredPrint
from shared.documents import Print
from shared.errors import ObjectMissingError, StorageUnavailableError
from shared.ports import StoredObject
from tests.fakes import until


class SlowObjects:
    """An `ObjectStore` that answers with zeros, when it is told to, and knows what it is asked for."""

    def __init__(self, size_bytes: int = 1) -> None:
        self._size_bytes = size_bytes
        self.asked: list[str] = []
        self.cancelled: list[str] = []
        self.errors: dict[str, Exception] = {}
        self.go_on = asyncio.Event()

    async def get(self, key: str) -> bytes:
        """See `ObjectStore`; a print's key has its index in it."""
        key = key.split("/")[2]
        self.asked.append(key)
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.cancelled.append(key)
            raise
        if key in self.errors:
            raise self.errors[key]
        return bytes(self._size_bytes)

    async def put(self, key: str, data: bytes | AsyncIterator[bytes]) -> None:
        """Nobody puts here."""
        raise NotImplementedError

    async def stream(self, key: str, size_bytes: int | None = None) -> AsyncIterator[bytes]:
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


def stored(index: int, size_bytes: int = 1) -> StoredPrint:
    """A print that was recorded with this size."""
    made = Print(output="web", extension="jpg", media_type="image/jpeg", width=1, height=1, size_bytes=size_bytes)
    return StoredPrint("b", index, made)


async def wanted(count: int, size_bytes: int = 1) -> AsyncIterator[Wanted[int]]:
    """So many objects of a size."""
    for number in range(count):
        yield Wanted(number, stored(number, size_bytes))


async def test_objects_come_in_order_with_what_they_are_for() -> None:
    """And where none is needed, none is read."""
    objects = SlowObjects()
    objects.go_on.set()

    async def some() -> AsyncIterator[Wanted[str]]:
        yield Wanted("a", stored(1))
        yield Wanted("b", None)
        yield Wanted("c", stored(2))

    assert [taken async for taken in read_ahead(objects, some())] == [("a", b"\0"), ("b", b""), ("c", b"\0")]
    assert objects.asked == ["1", "2"]


@pytest.mark.parametrize(
    ("size_bytes", "ahead"), [(1, MAX_AHEAD), (MAX_BYTES_AHEAD // 2, 2), (10 * MAX_BYTES_AHEAD, 1)]
)
async def test_it_reads_so_far_ahead_and_no_further(size_bytes: int, ahead: int) -> None:
    """By number and by bytes; one that is larger than all that may be held is read alone."""
    objects = SlowObjects(size_bytes)
    async with aclosing(read_ahead(objects, wanted(50, size_bytes))) as read:
        first = asyncio.create_task(anext(read))
        await until(lambda: len(objects.asked) == ahead)
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(objects.asked) == ahead
        objects.go_on.set()
        assert (await first)[0] == 0
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


async def test_a_print_of_another_size_than_recorded_is_damaged() -> None:
    """It is named, and never taken for a whole one."""
    objects = SlowObjects()
    objects.go_on.set()

    async def one() -> AsyncIterator[Wanted[str]]:
        yield Wanted("a", stored(7, 5))

    with pytest.raises(ApiError, match="print_damaged") as damaged:
        await anext(read_ahead(objects, one()))
    assert damaged.value.details == {"index": 7, "output": "web"}


async def test_nothing_is_left_running_when_nobody_takes_any_more() -> None:
    """Reads that are on their way are cancelled."""
    objects = SlowObjects()
    read = read_ahead(objects, wanted(50))
    first = asyncio.create_task(anext(read))
    await until(lambda: len(objects.asked) == MAX_AHEAD)
    first.cancel()
    await until(first.done)
    assert sorted(objects.cancelled) == sorted(objects.asked)

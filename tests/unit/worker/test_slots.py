import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from services.worker.chunks.slots import WorkerSlots
from tests.fakes import until
from tests.unit.worker.stage import TURN


class Room:
    """WorkerSlots, and who is in."""

    def __init__(self, number: int) -> None:
        self.slots = WorkerSlots(number)
        self.inside: set[str] = set()
        self.most_inside = 0
        self.visitors: dict[str, asyncio.Task[None]] = {}
        self._leave: dict[str, asyncio.Event] = {}

    def send_in(self, *names: str, alone: bool = False) -> None:
        """Let visitors come, each to stay until told to leave; one who is `alone` wants all slots."""
        for name in names:
            self._leave[name] = asyncio.Event()
            held = self.slots.all(TURN) if alone else self.slots.one(TURN)
            self.visitors[name] = asyncio.create_task(self._visit(name, held))

    async def _visit(self, name: str, held: AbstractAsyncContextManager[None]) -> None:
        async with held:
            self.inside.add(name)
            self.most_inside = max(self.most_inside, len(self.inside))
            try:
                await self._leave[name].wait()
            finally:
                self.inside.remove(name)

    async def see_off(self, *names: str) -> None:
        """Let visitors leave, and wait until they have."""
        for name in names:
            self._leave[name].set()
            await self.visitors.pop(name)

    async def throw_out(self, name: str) -> None:
        """Cancel a visitor, inside or in line."""
        visitor = self.visitors.pop(name)
        visitor.cancel()
        with pytest.raises(asyncio.CancelledError):
            await visitor

    async def holds(self, *names: str) -> bool:
        """Whether these and nobody else get in, however long they all try."""
        for _ in range(20):
            await asyncio.sleep(0)
        return self.inside == set(names)


@asynccontextmanager
async def room(number: int) -> AsyncIterator[Room]:
    """A room with so many slots; afterwards there are as many again, not one more or less."""
    room = Room(number)
    yield room
    for name in list(room.visitors):
        await room.throw_out(name)
    room.send_in("alone at last", alone=True)
    await until(lambda: room.inside == {"alone at last"})
    await room.see_off("alone at last")
    crowd = [f"visitor {n}" for n in range(2 * number)]
    room.send_in(*crowd)
    assert await room.holds(*crowd[:number])
    await room.see_off(*crowd)


async def test_no_more_are_in_than_there_are_slots() -> None:
    """Each who leaves makes room for one who waits."""
    async with room(2) as r:
        r.send_in("a", "b", "c", "d")
        assert await r.holds("a", "b")
        await r.see_off("a")
        assert await r.holds("b", "c")
        await r.see_off("b", "c")
        assert await r.holds("d")
        assert r.most_inside == 2


async def test_whoever_wants_to_be_alone_waits_for_all_and_keeps_everybody_out() -> None:
    """Nothing else is in hand meanwhile, from its first moment to its last."""
    async with room(3) as r:
        r.send_in("a", "b")
        assert await r.holds("a", "b")
        r.send_in("alone", alone=True)
        assert await r.holds("a", "b")
        await r.see_off("a")
        assert await r.holds("b")
        await r.see_off("b")
        assert await r.holds("alone")
        r.send_in("c", "d", "e", "f")
        assert await r.holds("alone")
        await r.see_off("alone")
        assert await r.holds("c", "d", "e")


async def test_nobody_overtakes_whoever_wants_to_be_alone() -> None:
    """It waits for those who are in, not for those who come later, and so keeps no slot empty for long."""
    async with room(3) as r:
        r.send_in("a", "b", "c")
        r.send_in("alone", alone=True)
        r.send_in(*"defghi")
        for name in "abc":
            await r.see_off(name)
        assert await r.holds("alone")
        await r.see_off("alone")
        assert await r.holds("d", "e", "f")


async def test_two_who_want_to_be_alone_are_so_one_after_the_other() -> None:
    """With half of the slots each they would wait for ever."""
    async with room(4) as r:
        r.send_in("a", "b")
        assert await r.holds("a", "b")
        r.send_in("one", "two", alone=True)
        await r.see_off("b")
        assert await r.holds("a")
        await r.see_off("a")
        assert await r.holds("one")
        await r.see_off("one")
        assert await r.holds("two")


async def test_a_single_slot_is_all_slots() -> None:
    """The smallest worker has only one."""
    async with room(1) as r:
        r.send_in("a")
        r.send_in("alone", alone=True)
        r.send_in("b")
        for name in ("a", "alone", "b"):
            assert await r.holds(name)
            await r.see_off(name)


@pytest.mark.parametrize("alone", [False, True])
async def test_whoever_is_cancelled_gives_back_what_it_holds(alone: bool) -> None:  # noqa: FBT001 - a parameter
    """Inside or still in line: the others get in, and one who wants all slots finds all of them."""
    async with room(2) as r:
        r.send_in("inside", alone=alone)
        assert await r.holds("inside")
        r.send_in("in line", alone=True)
        r.send_in("next")
        await r.throw_out("in line")
        await r.throw_out("inside")
        assert await r.holds("next")


async def test_whoever_is_cancelled_while_collecting_gives_back_what_it_has() -> None:
    """It has one slot and waits for the other; both are there for others afterwards."""
    async with room(2) as r:
        r.send_in("a")
        assert await r.holds("a")
        r.send_in("collecting", alone=True)
        r.send_in("b")
        assert await r.holds("a")
        await r.throw_out("collecting")
        assert await r.holds("a", "b")


@pytest.mark.parametrize("alone", [False, True])
async def test_a_failure_gives_back_what_it_holds(alone: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """And reaches whoever held the slot."""
    slots = WorkerSlots(2)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            async with slots.all(TURN) if alone else slots.one(TURN):
                raise ZeroDivisionError
    async with asyncio.timeout(10), slots.all(TURN):
        pass


async def test_images_in_hand_are_counted() -> None:
    """Each once, also one that has every slot; those that wait are not in hand."""
    async with room(2) as r:
        r.send_in("a", "b", "waits")
        await until(lambda: r.inside == {"a", "b"})
        assert r.slots.images_in_hand == 2
        await r.see_off("a", "b")
        r.send_in("alone", alone=True)
        await r.see_off("waits")
        await until(lambda: r.inside == {"alone"})
        assert r.slots.images_in_hand == 1
        await r.see_off("alone")
        assert r.slots.images_in_hand == 0

"""Whose image gets the next slot."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from services.worker.chunks.slots import WorkerSlots
from services.worker.chunks.turns import Turn
from shared.documents import Priority
from shared.scheduling import Flow
from tests.fakes import until

MAX_TICKS = 100


def turn(batch_id: str, priority: Priority = "normal", *, cost_ms: float = 100, express: bool = False) -> Turn:
    """The turn of an image of which a test names what matters to it."""
    return Turn(Flow(priority, "local", batch_id), cost_ms, express)


@dataclass
class Crowd:
    """Images that wait for slots, and the order in which they got them; each leaves when a test says so."""

    slots: WorkerSlots
    order: list[str] = field(default_factory=list)
    inside: dict[str, asyncio.Event] = field(default_factory=dict)
    alone: set[str] = field(default_factory=set)
    tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def come(self, name: str, its_turn: Turn, *, alone: bool = False) -> None:
        """Have an image wait, for every slot if it is to be alone."""
        self.tasks[name] = asyncio.create_task(self._visit(name, its_turn, alone=alone))

    async def _visit(self, name: str, its_turn: Turn, *, alone: bool) -> None:
        async with self.slots.all(its_turn) if alone else self.slots.one(its_turn):
            self.order.append(name)
            self.inside[name] = asyncio.Event()
            if alone:
                self.alone.add(name)
            assert not self.alone or len(self.inside) == 1
            try:
                await self.inside[name].wait()
            finally:
                del self.inside[name]
                self.alone.discard(name)

    async def serve(self, number: int) -> list[str]:
        """Let so many leave, the first who came in first; answers in which order the next came in."""
        before = len(self.order)
        for _ in range(number):
            await self.settle()
            next(iter(self.inside.values())).set()
        await self.settle()
        return self.order[before:]

    async def settle(self) -> None:
        """Let happen what can."""
        for _ in range(6):
            await asyncio.sleep(0)

    async def end(self) -> None:
        """Send everybody home."""
        for task in self.tasks.values():
            task.cancel()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)


async def test_a_batch_that_comes_later_waits_for_no_other_to_be_done() -> None:
    """It takes turns with the one whose images wait already."""
    crowd = Crowd(WorkerSlots(1))
    for number in range(10):
        crowd.come(f"giant {number}", turn("giant"))
    await crowd.serve(3)
    for number in range(3):
        crowd.come(f"small {number}", turn("small"))
    assert (await crowd.serve(5))[-5:] == ["small 0", "giant 4", "small 1", "giant 5", "small 2"]
    await crowd.end()


async def test_lanes_share_the_slots_by_weight() -> None:
    """4 : 2 : 1, though as many chunks of each are in hand."""
    crowd = Crowd(WorkerSlots(1))
    priorities: Sequence[Priority] = ("low", "normal", "high")
    for priority in priorities:
        for number in range(60):
            crowd.come(f"{priority} {number}", turn(f"{priority}'s", priority))
    await crowd.settle()
    served = await crowd.serve(70)
    shares = Counter(name.partition(" ")[0] for name in served)
    assert [shares[lane] for lane in ("high", "normal", "low")] == [40, 20, 10]
    await crowd.end()


async def test_express_images_go_first_and_their_batch_is_charged_for_them() -> None:
    """The others of the batch wait until those of its siblings have had as much."""
    crowd = Crowd(WorkerSlots(1))
    for number in range(10):
        crowd.come(f"giant {number}", turn("giant"))
        crowd.come(f"new {number}", turn("new"))
    await crowd.settle()
    for number in range(3):
        crowd.come(f"express {number}", turn("new", express=True))
    served = await crowd.serve(10)
    assert served[:3] == ["express 0", "express 1", "express 2"]
    shares = Counter(name.partition(" ")[0] for name in crowd.order)
    assert abs(shares["giant"] - shares["new"] - shares["express"]) <= 1
    await crowd.end()


async def test_express_images_of_several_batches_take_turns() -> None:
    """By weight, as all others."""
    crowd = Crowd(WorkerSlots(1))
    for number in range(9):
        crowd.come(f"low {number}", turn("l", "low", express=True))
        crowd.come(f"high {number}", turn("h", "high", express=True))
    await crowd.settle()
    shares = Counter(name.partition(" ")[0] for name in await crowd.serve(10))
    assert shares == {"high": 8, "low": 2}
    await crowd.end()


async def test_those_who_want_all_slots_keep_nobody_out_for_good() -> None:
    """After each of them as many others go as there are slots, and then the next of them."""
    crowd = Crowd(WorkerSlots(2))
    crowd.come("first", turn("a"))
    await crowd.settle()
    for number in range(3):
        crowd.come(f"alone {number}", turn("s"), alone=True)
    for number in range(5):
        crowd.come(f"other {number}", turn("a", express=number % 2 == 0))
    served = await crowd.serve(8)
    kinds = [name.partition(" ")[0] for name in served]
    assert kinds == ["alone", "other", "other", "alone", "other", "other", "alone", "other"]
    await crowd.end()


async def test_an_image_with_every_slot_is_charged_for_every_slot() -> None:
    """The others of its batch wait so much the longer."""
    crowd = Crowd(WorkerSlots(2))
    for number in range(12):
        crowd.come(f"s {number}", turn("s"))
        crowd.come(f"t {number}", turn("t"))
    await crowd.settle()
    crowd.come("alone", turn("s"), alone=True)
    served = await crowd.serve(5)
    assert [name.partition(" ")[0] for name in served] == ["alone", "t", "t", "s", "t"]
    await crowd.end()


async def test_what_images_really_took_replaces_what_was_predicted() -> None:
    """A batch whose images take three times as long as predicted gets a third of the turns; 0 says nothing."""
    crowd = Crowd(WorkerSlots(1))
    for number in range(40):
        crowd.come(f"slow {number}", turn("slow"))
        crowd.come(f"true {number}", turn("true"))
    await crowd.settle()
    for _ in range(40):
        (came,) = await crowd.serve(1)
        batch_id = came.partition(" ")[0]
        crowd.slots.correct(turn(batch_id), 300 if batch_id == "slow" else 0)
    shares = Counter(name.partition(" ")[0] for name in crowd.order[1:])
    assert shares == {"true": 30, "slow": 10}
    await crowd.end()


async def test_those_who_stop_waiting_leave_no_trace() -> None:
    """Neither their places nor their flows; the others get what they would have had."""
    crowd = Crowd(WorkerSlots(1))
    crowd.come("inside", turn("a"))
    await crowd.settle()
    for number in range(5):
        crowd.come(f"b {number}", turn("b"))
    crowd.come("c", turn("c"))
    await crowd.settle()
    for number in range(5):
        crowd.tasks[f"b {number}"].cancel()
    # In the same moment, before those that were cancelled could leave.
    crowd.inside["inside"].set()
    await until(lambda: crowd.order == ["inside", "c"])
    await crowd.end()
    assert not crowd.slots._line
    assert crowd.slots.images_in_hand == 0


EVENTS = st.lists(st.tuples(st.sampled_from(["one", "all", "express", "leave", "cancel"]), st.integers(0, 20)))


@settings(max_examples=200)
@given(EVENTS, st.integers(1, 4))
def test_whatever_comes_and_goes_slots_are_neither_lost_nor_multiplied(
    events: Sequence[tuple[str, int]], number: int
) -> None:
    """At most so many are inside, one that wants all is alone, and in the end everybody was or has been cancelled."""
    asyncio.run(_come_and_go(events, number))


async def _come_and_go(events: Sequence[tuple[str, int]], number: int) -> None:
    crowd = Crowd(WorkerSlots(number))
    for count, (event, which) in enumerate(events):
        if event == "leave" and crowd.inside:
            list(crowd.inside.values())[which % len(crowd.inside)].set()
        elif event == "cancel" and crowd.tasks:
            list(crowd.tasks.values())[which % len(crowd.tasks)].cancel()
        elif event in {"one", "all", "express"}:
            its_turn = turn(f"b{which % 3}", express=event == "express")
            crowd.come(str(count), its_turn, alone=event == "all")
        for _ in range(which % 3):
            await asyncio.sleep(0)
        assert len(crowd.inside) <= number
    for _ in range(MAX_TICKS):
        for inside in crowd.inside.values():
            inside.set()
        await crowd.settle()
    outcomes = await asyncio.gather(*crowd.tasks.values(), return_exceptions=True)
    assert all(outcome is None or isinstance(outcome, asyncio.CancelledError) for outcome in outcomes)
    assert crowd.slots._free == number

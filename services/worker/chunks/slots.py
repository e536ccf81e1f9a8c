"""How many images a worker has in hand: a few at a time, or one with nothing beside it."""

from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.worker.chunks.fair_line import FairLine, Place
from services.worker.chunks.turns import Turn


class WorkerSlots:
    """Bounds the originals and prints in memory, and shares the slots out fairly.

    A task that wants all slots waits only for those in use: until then no other gets one, so it can neither be passed
    nor hold some while another holds the rest. After it as many others go first as there are slots, so that a row of
    such tasks keeps none of them waiting for good.
    """

    def __init__(self, number: int) -> None:
        self._number = number
        self._free = number
        self._line = FairLine()
        self._line_for_all: deque[Place] = deque()
        self._others_first = 0
        self.images_in_hand = 0

    @asynccontextmanager
    async def one(self, turn: Turn) -> AsyncIterator[None]:
        """Hold a slot."""
        place = Place(turn)
        self._line.join(place)
        async with self._held(place, slots=1):
            yield

    @asynccontextmanager
    async def all(self, turn: Turn) -> AsyncIterator[None]:
        """Hold every slot, so that no other image is in hand."""
        place = Place(turn)
        self._line_for_all.append(place)
        async with self._held(place, slots=self._number):
            yield

    def correct(self, turn: Turn, cpu_ms: int) -> None:
        """Charge what an image with one slot really took in place of what was predicted, if that is known (not 0)."""
        if cpu_ms:
            self._line.correct(turn, cpu_ms)

    @asynccontextmanager
    async def _held(self, place: Place, slots: int) -> AsyncIterator[None]:
        try:
            self._grant()
            await place.granted
            self.images_in_hand += 1
            try:
                yield
            finally:
                self.images_in_hand -= 1
        finally:
            # Cancelled in the moment in which its slots were granted, a task has them all the same.
            if place.granted.done() and not place.granted.cancelled():
                self._free += slots
            else:
                self._leave(place)
            self._grant()

    def _leave(self, place: Place) -> None:
        self._line.leave(place)
        if place in self._line_for_all:
            self._line_for_all.remove(place)

    def _grant(self) -> None:
        """Give free slots to whose turn it is."""
        while self._free:
            if self._line_for_all and not (self._line and self._others_first):
                if self._free == self._number:
                    self._grant_all(self._line_for_all.popleft())
                return
            place = self._line.take()
            if place is None:
                return
            self._others_first = max(0, self._others_first - 1)
            self._free -= 1
            place.granted.set_result(None)

    def _grant_all(self, place: Place) -> None:
        if place.granted.done():
            return  # cancelled just now, and about to leave
        self._line.charge(place.turn, self._number)
        self._others_first = self._number
        self._free = 0
        place.granted.set_result(None)

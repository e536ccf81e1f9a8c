"""The line for slots: express images first, all others in the order of fair queueing."""

import asyncio
from dataclasses import dataclass, field

from services.worker.chunks.turns import Turn
from shared.scheduling import FairQueue, Flow


@dataclass(eq=False)
class Place:
    """An image's place in the line, until its slot is granted or its waiting is cancelled."""

    turn: Turn
    granted: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class _Flows:
    """Places by flow, each flow in the order in which they were taken."""

    def __init__(self) -> None:
        self.queue = FairQueue()
        self._places: dict[Flow, dict[Place, None]] = {}

    def __bool__(self) -> bool:
        return bool(self._places)

    def join(self, place: Place) -> None:
        self._places.setdefault(place.turn.flow, {})[place] = None
        self.queue.wake(place.turn.flow)

    def leave(self, place: Place) -> None:
        flow = place.turn.flow
        places = self._places.get(flow, {})
        places.pop(place, None)
        if not places:
            self._places.pop(flow, None)
            self.queue.sleep(flow)

    def first(self) -> Place | None:
        flow = self.queue.next()
        return None if flow is None else next(iter(self._places[flow]))


class FairLine:
    """All that wait for one slot."""

    def __init__(self) -> None:
        self._express = _Flows()
        self._others = _Flows()

    def __bool__(self) -> bool:
        return bool(self._express or self._others)

    def join(self, place: Place) -> None:
        """Wait from now on."""
        self._flows_of(place).join(place)

    def leave(self, place: Place) -> None:
        """Wait no more; nothing happens if the place is not in the line."""
        self._flows_of(place).leave(place)

    def take(self) -> Place | None:
        """The place whose turn it is, out of the line and charged; None if there is none."""
        while (place := self._express.first() or self._others.first()) is not None:
            is_waiting = not place.granted.done()  # one that was cancelled leaves by itself in a moment
            if is_waiting:
                self.charge(place.turn)
            self.leave(place)
            if is_waiting:
                return place
        return None

    def charge(self, turn: Turn, slots: int = 1) -> None:
        """Charge an image that gets so many slots: to its flow's share in any case."""
        self._others.queue.charge(turn.flow, turn.cost_ms * slots)
        if turn.is_express:
            self._express.queue.charge(turn.flow, turn.cost_ms)

    def correct(self, turn: Turn, actual_ms: float) -> None:
        """Charge an image what it has really cost in place of what was predicted."""
        self._others.queue.correct(turn.flow, turn.cost_ms, actual_ms)
        if turn.is_express:
            self._express.queue.correct(turn.flow, turn.cost_ms, actual_ms)

    def _flows_of(self, place: Place) -> _Flows:
        return self._express if place.turn.is_express else self._others

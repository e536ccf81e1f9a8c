"""Whether a worker's slots are shared out fairly, judged apart from what shares them out."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import partial
from itertools import combinations
from unittest.mock import patch

from services.worker.chunks.fair_line import FairLine, Place
from services.worker.chunks.slots import WorkerSlots
from services.worker.chunks.turns import Turn
from shared.scheduling import LANE_WEIGHTS, Flow
from tests.simulation.rules import Report

Node = tuple[str, ...]
"""A lane, an owner in a lane, or a batch of an owner: the first parts of a flow."""

ROUNDING = 1e-6


def judged_slots(report: Report) -> AbstractContextManager[object]:
    """Have the slots of every worker that is started meanwhile judged."""
    return patch("services.worker.service.WorkerSlots", partial(JudgedSlots, report))


class JudgedSlots(WorkerSlots):
    """The slots of a worker, with a judge who sees who waits and who is served."""

    def __init__(self, report: Report, number: int) -> None:
        super().__init__(number)
        self._line = _JudgedLine(Judge(report))


class _JudgedLine(FairLine):
    def __init__(self, judge: "Judge") -> None:
        super().__init__()
        self._judge = judge

    def join(self, place: Place) -> None:
        super().join(place)
        if not place.turn.is_express:
            self._judge.waits(place)

    def leave(self, place: Place) -> None:
        super().leave(place)
        self._judge.waits_no_more(place)

    def charge(self, turn: Turn, slots: int = 1) -> None:
        super().charge(turn, slots)
        in_turn = slots == 1 and not turn.is_express
        self._judge.served(turn.flow, turn.cost_ms * slots, in_turn=in_turn)

    def correct(self, turn: Turn, actual_ms: float) -> None:
        """Leave it at what was predicted: the bound is one for costs that are known beforehand."""


class Judge:
    """Holds each two siblings that wait against the bound of start-time fair queueing.

    What they get while both wait, by weight, differs by at most the most that one piece of work of each has cost. What
    one got out of its turn counts as a lead that it had before.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._waiting: dict[Place, None] = {}
        self._max_cost: defaultdict[Node, float] = defaultdict(float)
        self._out_of_turn: defaultdict[Node, float] = defaultdict(float)
        self._got: dict[tuple[Node, Node], list[float]] = {}

    def waits(self, place: Place) -> None:
        """An image has joined the line."""
        self._waiting[place] = None
        self._pair_up()

    def waits_no_more(self, place: Place) -> None:
        """An image has left the line."""
        self._waiting.pop(place, None)
        self._pair_up()

    def served(self, flow: Flow, cost: float, *, in_turn: bool) -> None:
        """An image has got its slot, or several."""
        for node in _nodes(flow):
            by_weight = cost / _weight(node)
            if in_turn:
                self._max_cost[node] = max(self._max_cost[node], by_weight)
                self._count(node, by_weight)
            else:
                self._out_of_turn[node] += by_weight

    def _count(self, node: Node, by_weight: float) -> None:
        for (one, other), differences in self._got.items():
            if node in {one, other}:
                differences.append(differences[-1] + (by_weight if node == one else -by_weight))
                apart = max(differences) - min(differences)
                if apart > self._allowed(one) + self._allowed(other) + ROUNDING:
                    self._report(f"{one} and {other} waited, and one got {apart:.0f} ms more by weight than the other")

    def _allowed(self, node: Node) -> float:
        return self._max_cost[node] + self._out_of_turn[node]

    def _pair_up(self) -> None:
        waiting = {node for place in self._waiting for node in _nodes(place.turn.flow)}
        pairs = {(a, b) for a, b in combinations(sorted(waiting), 2) if a[:-1] == b[:-1]}
        self._got = {pair: self._got.get(pair, [0.0]) for pair in sorted(pairs)}


def _nodes(flow: Flow) -> Iterator[Node]:
    return (flow[:depth] for depth in range(1, len(flow) + 1))


def _weight(node: Node) -> int:
    return next(weight for lane, weight in LANE_WEIGHTS.items() if lane == node[0]) if len(node) == 1 else 1

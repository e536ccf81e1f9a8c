"""Flows that have work waiting, and which of them is served next."""

from collections.abc import Iterator

from shared.scheduling.costs import bounded_cost
from shared.scheduling.flows import LANE_WEIGHTS, Flow
from shared.scheduling.node import Node


class FairQueue:
    """Hierarchical start-time fair queueing: lanes by weight, the owners of a lane and the batches of an owner alike.

    Of two siblings i and j that have work waiting for as long as one looks, what each got differs by at most
    |got_i / weight_i - got_j / weight_j| <= max_cost_i / weight_i + max_cost_j / weight_j.
    The caller serves the flow that is `next`, charges it, and lets it sleep when nothing of it waits any more.
    """

    def __init__(self) -> None:
        self._root = Node()

    def wake(self, flow: Flow) -> None:
        """Count a flow in: it has work waiting. Nothing happens if it is awake."""
        node = self._root
        for name, weight in _levels(flow):
            node = node.wake(name, weight)
        node.flow = flow

    def sleep(self, flow: Flow) -> None:
        """Count a flow out: nothing of it waits. Nothing happens if it is asleep."""
        path = self._path(flow)
        if path[-1].flow != flow or not path[-1].is_awake:
            return
        for parent, name in reversed(list(zip(path, flow, strict=False))):
            parent.sleep(name)
            if parent.next is not None:
                return

    def next(self) -> Flow | None:
        """The flow whose turn it is; None if all are asleep."""
        node = self._root
        while (name := node.next) is not None:
            node = node.children[name]
        return node.flow

    def charge(self, flow: Flow, cost_ms: float) -> None:
        """Charge a flow for work that begins, with its predicted cost; also out of its turn, and while it is asleep."""
        cost = bounded_cost(cost_ms)
        node = self._root
        for name, weight in _levels(flow):
            node = node.charge(name, weight, cost)

    def correct(self, flow: Flow, predicted_ms: float, actual_ms: float) -> None:
        """Replace the cost that a flow was charged, once it is known what the work took."""
        difference = bounded_cost(actual_ms) - bounded_cost(predicted_ms)
        for parent, name in zip(self._path(flow), flow, strict=False):
            if name in parent.children:
                parent.correct(name, difference)

    def _path(self, flow: Flow) -> list[Node]:
        """The root, and below it the flow's nodes as far as there are any."""
        path = [self._root]
        for name in flow:
            if name not in path[-1].children:
                break
            path.append(path[-1].children[name])
        return path


def _levels(flow: Flow) -> Iterator[tuple[str, float]]:
    """The names on the way from the root to a flow, each with its weight."""
    yield flow.priority, LANE_WEIGHTS[flow.priority]
    yield flow.owner, 1.0
    yield flow.batch_id, 1.0

"""The bound of start-time fair queueing, over any history."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from shared.documents import PRIORITIES
from shared.scheduling import LANE_WEIGHTS, FairQueue, Flow

FLOWS = [Flow(lane, owner, batch) for lane in PRIORITIES for owner in ("o", "p") for batch in ("a", "b", "c")]
ROUNDING = 1e-6


@dataclass
class Got:
    """What a node has got per weight, and the most that one piece of its work has ever cost per weight."""

    weight: int
    normalised: float = 0.0
    max_cost: float = 0.0

    def add(self, cost: float) -> None:
        self.normalised += cost / self.weight
        self.remember(cost)

    def remember(self, cost: float) -> None:
        self.max_cost = max(self.max_cost, cost / self.weight)


@dataclass
class Apart:
    """Two siblings for as long as both have work: the widest and the narrowest that they have been apart."""

    one: Got
    other: Got
    differences: list[float] = field(default_factory=list)

    def look(self) -> None:
        self.differences.append(self.one.normalised - self.other.normalised)

    @property
    def is_fair(self) -> bool:
        """Whether no interval gave one of them more than the bound."""
        widest = max(self.differences) - min(self.differences)
        return widest <= self.one.max_cost + self.other.max_cost + ROUNDING


@dataclass(frozen=True)
class Step:
    """A flow that wakes or goes to sleep, then some that are served at these costs."""

    flow: Flow
    wakes: bool
    costs: Sequence[float]


COSTS = st.floats(min_value=1, max_value=10_000)
OTHERS = st.sampled_from(FLOWS[2:])
STEPS = st.lists(st.builds(Step, OTHERS, st.booleans(), st.lists(COSTS, max_size=8)), min_size=1, max_size=40)


class History:
    """A queue while flows come and go."""

    def __init__(self, awake: Sequence[Flow]) -> None:
        self.queue = FairQueue()
        self.served: list[tuple[Flow, float]] = []
        for flow in awake:
            self.queue.wake(flow)

    def live(self, step: Step) -> None:
        """Let a step happen."""
        (self.queue.wake if step.wakes else self.queue.sleep)(step.flow)
        for cost in step.costs:
            served = self.queue.next()
            assert served is not None
            self.queue.charge(served, cost)
            self.served.append((served, cost))


def fair_apart(served: Sequence[tuple[Flow, float]], since: int, one: Flow, other: Flow, level: int) -> bool:
    """Whether the two nodes at this depth of the tree got the same, to the bound, over any interval since then."""
    weight = (LANE_WEIGHTS[one.priority], LANE_WEIGHTS[other.priority]) if level == 1 else (1, 1)
    apart = Apart(Got(weight[0]), Got(weight[1]))
    apart.look()
    for flow, cost in served[:since]:
        if flow[:level] == one[:level]:
            apart.one.remember(cost)
    for flow, cost in served[since:]:
        if flow[:level] == one[:level]:
            apart.one.add(cost)
        elif flow[:level] == other[:level]:
            apart.other.add(cost)
        apart.look()
    return apart.is_fair


@given(STEPS, st.integers(min_value=0, max_value=20), st.integers(min_value=1, max_value=3))
def test_two_that_have_work_get_the_same_to_within_one_piece_of_work_of_each(
    steps: Sequence[Step], lead: int, level: int
) -> None:
    """Lanes by weight, owners and batches alike, whatever the others do and however long the first was alone before."""
    one = FLOWS[0]
    other = {1: Flow("low", "o", "a"), 2: Flow("high", "p", "a"), 3: FLOWS[1]}[level]
    history = History([one])
    for _ in range(lead):
        history.live(Step(one, wakes=True, costs=[777]))
    begun = len(history.served)
    history.queue.wake(other)
    for step in steps:
        if step.flow not in {one, other}:
            history.live(step)
    assert fair_apart(history.served, begun, one, other, level)


@given(STEPS)
def test_low_gets_a_seventh_of_what_is_done_while_it_has_work(steps: Sequence[Step]) -> None:
    """But for what lies between two pieces of work, whatever the other lanes have."""
    low = Flow("low", "o", "never sleeps")
    history = History([low])
    for step in steps:
        history.live(step)
    total = sum(cost for _, cost in history.served)
    got = sum(cost for flow, cost in history.served if flow.priority == "low")
    largest = max((cost for _, cost in history.served), default=0.0)
    assert got >= total / 7 - 2 * largest - ROUNDING


@given(STEPS)
def test_only_those_that_have_work_are_served(steps: Sequence[Step]) -> None:
    """As long as there is one, there is a next; it is one of those that are awake."""
    queue, awake = FairQueue(), set[Flow]()
    for step in steps:
        (queue.wake if step.wakes else queue.sleep)(step.flow)
        (awake.add if step.wakes else awake.discard)(step.flow)
        for cost in step.costs:
            served = queue.next()
            assert (served in awake) if awake else served is None
            if served is not None:
                queue.charge(served, cost)

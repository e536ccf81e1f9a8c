"""Whose turn it is, step by step."""

import math
from collections import Counter
from collections.abc import Iterator

import pytest

from shared.documents import Priority
from shared.scheduling import MAX_COST_MS, MIN_COST_MS, FairQueue, Flow
from shared.scheduling.node import Node


def flow(batch_id: str, priority: Priority = "normal", owner: str = "local") -> Flow:
    """A flow of which a test names what matters to it."""
    return Flow(priority, owner, batch_id)


def serve(queue: FairQueue, times: int, cost_ms: float = 100) -> Iterator[Flow]:
    """Serve and charge, whoever is next."""
    for _ in range(times):
        served = queue.next()
        assert served is not None
        queue.charge(served, cost_ms)
        yield served


def nodes(queue: FairQueue) -> int:
    """How many nodes the queue keeps, its root among them."""

    def count(node: Node) -> int:
        return 1 + sum(map(count, node.children.values()))

    return count(queue._root)


def test_nothing_is_next_while_all_are_asleep() -> None:
    """Before the first wakes, after the last has gone to sleep; sleeping and waking twice change nothing."""
    queue = FairQueue()
    assert queue.next() is None
    queue.sleep(flow("a"))
    queue.wake(flow("a"))
    queue.wake(flow("a"))
    assert queue.next() == flow("a")
    queue.sleep(flow("a", owner="other"))
    assert queue.next() == flow("a")
    queue.sleep(flow("a"))
    queue.sleep(flow("a"))
    assert queue.next() is None


def test_batches_of_an_owner_take_turns() -> None:
    """In the order in which they came, each as often as the others."""
    queue = FairQueue()
    for name in "abc":
        queue.wake(flow(name))
    assert [served.batch_id for served in serve(queue, 9)] == list("abcabcabc")


def test_what_costs_more_comes_less_often() -> None:
    """Time is shared out, and not the number of turns."""
    queue = FairQueue()
    queue.wake(flow("small"))
    queue.wake(flow("large"))
    turns: Counter[str] = Counter()
    for _ in range(1100):
        served = queue.next()
        assert served is not None
        queue.charge(served, 10 if served.batch_id == "small" else 100)
        turns[served.batch_id] += 1
    assert turns == {"small": 1000, "large": 100}


def test_an_owner_of_many_batches_gets_no_more_than_one_of_a_single_batch() -> None:
    """Owners come before their batches."""
    queue = FairQueue()
    queue.wake(flow("lone", owner="quiet"))
    for number in range(9):
        queue.wake(flow(f"b{number}", owner="busy"))
    turns = Counter(served.owner for served in serve(queue, 180))
    assert turns == {"quiet": 90, "busy": 90}


def test_lanes_share_by_their_weights() -> None:
    """High four, normal two and low one of seven, however many batches each has."""
    queue = FairQueue()
    for number in range(5):
        queue.wake(flow(f"high {number}", "high"))
    queue.wake(flow("normal"))
    queue.wake(flow("low", "low"))
    turns = Counter(served.priority for served in serve(queue, 700))
    assert turns == {"high": 400, "normal": 200, "low": 100}


def test_a_flow_that_wakes_is_next_but_gets_nothing_for_the_time_it_slept() -> None:
    """It begins where the others are, and from then on takes turns with them."""
    queue = FairQueue()
    queue.wake(flow("old"))
    list(serve(queue, 1000))
    queue.wake(flow("new"))
    assert [served.batch_id for served in serve(queue, 5)] == ["new", "old", "new", "old", "new"]
    queue.sleep(flow("new"))
    list(serve(queue, 1000))
    queue.wake(flow("new"))
    turns = Counter(served.batch_id for served in serve(queue, 20))
    assert abs(turns["new"] - turns["old"]) <= 2


def test_a_moments_sleep_sheds_no_debt() -> None:
    """One that goes to sleep after each turn, as its work comes piece by piece, gets its share and no more."""
    queue = FairQueue()
    turns: Counter[str] = Counter()
    queue.wake(flow("steady"))
    for _ in range(200):
        queue.wake(flow("napper"))
        for served in serve(queue, 1):
            turns[served.batch_id] += 1
        queue.sleep(flow("napper"))
    assert turns == {"steady": 100, "napper": 100}


def test_what_is_served_out_of_its_turn_is_charged_too() -> None:
    """Awake or asleep, it has had its work, and the others catch up."""
    queue = FairQueue()
    queue.wake(flow("a"))
    queue.wake(flow("b"))
    list(serve(queue, 2))
    for _ in range(4):
        queue.charge(flow("b"), 100)
        queue.charge(flow("c"), 100)
    queue.wake(flow("c"))
    assert [served.batch_id for served in serve(queue, 5)] == list("aaaab")
    assert {served.batch_id for served in serve(queue, 3)} == set("abc")


def test_what_the_work_really_took_replaces_what_was_predicted() -> None:
    """Both ways; but nothing that is given back puts a flow ahead of its siblings' present."""
    queue = FairQueue()
    queue.wake(flow("wrong"))
    queue.wake(flow("right"))
    turns: Counter[str] = Counter()
    for _ in range(110):
        for served in serve(queue, 1):
            turns[served.batch_id] += 1
            queue.correct(served, 100, 1000 if served.batch_id == "wrong" else 100)
    assert turns == {"wrong": 10, "right": 100}
    queue.correct(flow("right"), MAX_COST_MS, 1)
    assert {served.batch_id for served in serve(queue, 12)} == {"wrong", "right"}
    queue.correct(flow("unknown"), 100, 1000)


@pytest.mark.parametrize("nonsense", [0, -1, -math.inf, math.nan, math.inf, 1e300])
def test_a_cost_that_makes_no_sense_stays_within_bounds(nonsense: float) -> None:
    """The flow neither takes every turn nor loses its turn for good, and nothing else is harmed."""
    queue = FairQueue()
    queue.wake(flow("odd"))
    queue.wake(flow("even"))
    queue.charge(flow("odd"), nonsense)
    queue.correct(flow("odd"), nonsense, nonsense)
    queue.charge(flow("even"), MAX_COST_MS)
    served = [each.batch_id for each in serve(queue, 3, MAX_COST_MS)]
    assert set(served) == {"odd", "even"}
    for _ in range(10):
        queue.charge(flow("even"), MIN_COST_MS)
    assert queue.next() is not None


def test_nothing_is_left_of_flows_that_are_gone() -> None:
    """However many come and go, under however many owners, beside one that stays or with pauses in between."""
    queue = FairQueue()
    queue.wake(flow("stays"))
    for number in range(1000):
        passing = flow(f"b{number}", owner=f"o{number}")
        queue.wake(passing)
        list(serve(queue, 3))
        queue.sleep(passing)
        queue.charge(flow("c", owner=f"p{number}"), 50)
    assert nodes(queue) < 12
    queue.sleep(flow("stays"))
    assert nodes(queue) == 1


def test_those_that_wake_and_are_never_served_leave_nothing_either() -> None:
    """Their tags are no further than the present."""
    queue = FairQueue()
    queue.wake(flow("stays"))
    for number in range(1000):
        queue.wake(flow(f"b{number}"))
        queue.sleep(flow(f"b{number}"))
    assert nodes(queue) == 4

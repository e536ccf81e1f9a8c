"""When batches end that share the slots."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.costs.forecast import Waiting, seconds_to_end


def test_a_batch_alone_takes_its_cost_divided_by_the_rate() -> None:
    """Two slots give two seconds a second."""
    assert seconds_to_end([Waiting("a", 2, 10_000)], 2000) == {"a": 5}


def test_batches_of_a_lane_share_equally_and_leave_their_share() -> None:
    """The small one ends after twice its own time, the large one when everything has."""
    found = seconds_to_end([Waiting("large", 2, 9000), Waiting("small", 2, 1000)], 1000)
    assert found == pytest.approx({"small": 2, "large": 10})


def test_lanes_share_by_their_weights() -> None:
    """Of 7 parts the high one has 4."""
    found = seconds_to_end([Waiting("high", 4, 4000), Waiting("normal", 2, 4000), Waiting("low", 1, 4000)], 1000)
    assert found["high"] == pytest.approx(7)
    assert found["high"] < found["normal"] < found["low"] == pytest.approx(12)


def test_without_slots_nothing_is_foreseen() -> None:
    """Rather than for ever."""
    assert seconds_to_end([Waiting("a", 2, 10)], 0) == {}
    assert seconds_to_end([], 1000) == {}


BATCHES = st.lists(st.tuples(st.sampled_from([1.0, 2.0, 4.0]), st.floats(0, 1e9)), max_size=40)


@given(BATCHES, st.floats(1, 1e6))
def test_each_has_an_end_and_the_last_ends_when_all_is_done(batches: list[tuple[float, float]], rate: float) -> None:
    """Nothing is lost or done twice."""
    waiting = [Waiting(str(number), weight, cost) for number, (weight, cost) in enumerate(batches)]
    found = seconds_to_end(waiting, rate)
    assert found.keys() == {batch.batch_id for batch in waiting}
    for batch in waiting:
        assert found[batch.batch_id] >= batch.remaining_ms / rate * 0.999
    if waiting:
        assert max(found.values()) == pytest.approx(sum(cost for _, cost in batches) / rate, rel=1e-6, abs=1e-9)

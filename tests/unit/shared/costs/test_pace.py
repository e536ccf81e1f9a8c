"""How fast a batch moves."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.costs import Pace
from shared.costs.pace import MEMORY_SECONDS

STEPS = st.lists(st.tuples(st.floats(0.001, 100), st.floats(0.1, 500)), min_size=1, max_size=30)


@given(STEPS)
def test_the_rate_is_a_mean_of_what_was_seen(steps: list[tuple[float, float]]) -> None:
    """Between the slowest and the fastest."""
    pace = Pace()
    for seconds, work in steps:
        pace = pace.went_on(work, seconds)
    rates = [work / seconds for seconds, work in steps]
    assert pace.work_per_second is not None
    assert min(rates) * 0.999 <= pace.work_per_second <= max(rates) * 1.001


def test_a_young_rate_is_the_average_so_far() -> None:
    """One slow first step does not weigh more than its time."""
    pace = Pace().went_on(1, 1)
    for _ in range(4):
        pace = pace.went_on(11, 1)
    assert pace.work_per_second == pytest.approx(45 / 5, rel=0.15)


def test_the_rate_does_not_depend_on_how_often_it_is_told() -> None:
    """Ten small steps count as one large one."""
    once = Pace().went_on(100, 10).went_on(1000, 20)
    often = Pace().went_on(100, 10)
    for _ in range(10):
        often = often.went_on(100, 2)
    assert math.isclose(once.work_per_second or 0, often.work_per_second or 0, rel_tol=1e-9)


def test_the_rate_forgets() -> None:
    """After some lengths of its memory only the new speed is left."""
    pace = Pace()
    for rate in (1000.0, 10.0):
        for _ in range(int(6 * MEMORY_SECONDS)):
            pace = pace.went_on(rate, 1)
    assert pace.work_per_second == pytest.approx(10, rel=0.3)


@pytest.mark.parametrize("seconds", [0.0, -1.0, math.nan, -math.inf])
def test_a_clock_that_goes_back_changes_nothing(seconds: float) -> None:
    """Nor one that stands."""
    pace = Pace().went_on(5, 1)
    assert pace.went_on(5, seconds) is pace


def test_there_is_no_rate_before_anything_ended() -> None:
    """Nobody divides by it."""
    assert Pace().work_per_second is None
    assert Pace().went_on(0, 5).work_per_second is None

"""What `make bench-fair` makes of its measurements."""

import pytest

from bench.fair.figures import HIGH, NORMAL, Bar, Measured, percentile, section


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([3.0], 0.95, 3.0), ([1.0, 2.0, 3.0, 4.0], 0.5, 2.0), (list(range(1, 21)), 0.95, 19), ([2.0, 1.0], 0.95, 2.0)],
)
def test_a_percentile_is_a_value_that_was_measured(values: list[float], share: float, expected: float) -> None:
    """The smallest that so large a share does not exceed, whatever their order."""
    assert percentile(values, share) == expected


@pytest.mark.parametrize(
    ("seconds", "bar", "kept"),
    [
        ([2.0, 2.0, 2.9], NORMAL, True),
        ([2.0, 2.1, 2.1], NORMAL, False),
        ([1.0, 1.0, 3.1], NORMAL, False),
        ([1.5, 1.5, 9.0], HIGH, True),
        ([1.6], HIGH, False),
        ([99.0], None, True),
    ],
)
def test_a_bar_is_held_against_the_idle_system(seconds: list[float], bar: Bar | None, *, kept: bool) -> None:
    """Its median is 1 second here; what has no bar is only shown."""
    assert Measured("there", seconds, bar).is_kept(1.0) is kept


def test_what_large_and_small_batches_get_together_is_judged_too() -> None:
    """Small batches that are quick because everything stands still would be no success."""
    assert Measured("there", [1.0], NORMAL, rate=46, alone=50).is_kept(1.0)
    assert not Measured("there", [1.0], NORMAL, rate=40, alone=50).is_kept(1.0)


def test_the_table_names_each_situation_with_its_ratios() -> None:
    """The first row is the idle system itself."""
    idle = Measured("alone", [1.0, 1.0, 1.2])
    table = section(2, idle, [Measured("behind", [2.5, 2.5, 2.6], NORMAL, rate=50, alone=50)])
    assert table.title == "Ten photographs, 2 worker processes"
    assert table.rows[0][:6] == ("alone", "3", "1.00 s", "1.20 s", "1.00", "1.20")
    assert table.rows[1] == ("behind", "3", "2.50 s", "2.60 s", "2.50", "2.60", "2, 3", "1.00", "NO")

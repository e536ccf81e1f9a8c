"""Many runs to few figures."""

import pytest

from bench.comparison import Ratio, Run, contenders_of, processor_ms_per_image, rates, ratio_per_round
from bench.contender import Measured


def run(contender: str, round_number: int, seconds: float, **processor_seconds: float) -> Run:
    """A run of a hundred no-op images."""
    return Run("no-op", contender, round_number, 100, Measured(seconds, processor_seconds))


def test_a_rate_is_images_by_seconds_in_the_order_of_the_rounds() -> None:
    """Two rounds of different speed."""
    runs = [run("darkroom", 0, 2.0), run("celery", 0, 4.0), run("darkroom", 1, 5.0)]

    assert rates(runs, "no-op", "darkroom") == [50.0, 20.0]


def test_a_ratio_compares_only_runs_of_the_same_round() -> None:
    """A slow second round, in which the other was as slow, does not change the ratio."""
    runs = [run("darkroom", 0, 1.0), run("celery", 0, 2.0), run("darkroom", 1, 10.0), run("celery", 1, 20.0)]

    assert ratio_per_round(runs, Ratio("no-op", "darkroom", "celery")) == [2.0, 2.0]


def test_there_is_no_ratio_to_a_contender_that_did_not_run() -> None:
    """With --only, the others are missing."""
    assert ratio_per_round([run("darkroom", 0, 1.0)], Ratio("no-op", "darkroom", "celery")) == []


def test_processor_time_per_image_is_the_median_over_rounds() -> None:
    """One disturbed round does not count."""
    runs = [run("darkroom", number, 1.0, worker=seconds) for number, seconds in enumerate((0.1, 0.2, 9.0))]

    assert processor_ms_per_image(runs, "no-op", "darkroom") == {"worker": pytest.approx(2.0)}


def test_contenders_come_in_the_order_of_their_first_runs() -> None:
    """However often each ran."""
    runs = [run("darkroom", 0, 1.0), run("celery", 0, 1.0), run("darkroom", 1, 1.0)]

    assert contenders_of(runs, "no-op") == ["darkroom", "celery"]

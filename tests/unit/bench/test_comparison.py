"""Many runs to few figures."""

import pytest

from bench.comparison import (
    Ratio,
    Run,
    contenders_of,
    describe_other_work,
    is_quiet,
    processor_ms_per_image,
    processor_ratio,
    rates,
    ratio_per_round,
    share_of_other_work,
)
from bench.contender import Measured
from bench.processor_time import OTHERS


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


def test_a_ratio_of_processor_time_leaves_other_work_out() -> None:
    """Celery's images cost three times as much; what the machine did besides counts for neither."""
    celery = run("celery", 0, 1.0, mongod=0.2, worker=0.4)
    darkroom = Run("no-op", "darkroom", 0, 100, Measured(9.0, {"worker": 0.2, OTHERS: 7.0}))
    ratio = Ratio("no-op", "darkroom", "celery")

    assert processor_ratio([celery, darkroom], ratio) == pytest.approx(3.0)
    assert processor_ratio([celery], ratio) is None


def test_other_work_beyond_a_little_makes_the_rates_worthless() -> None:
    """A busy machine is told, so that nobody keeps figures that it made up."""
    busy = Run("no-op", "darkroom", 0, 100, Measured(1.0, {"worker": 0.5, OTHERS: 0.5}))

    assert share_of_other_work([busy]) == 0.5
    assert describe_other_work([busy]).startswith("50% of the processor time; too much")
    assert not is_quiet([busy])
    assert describe_other_work([run("darkroom", 0, 1.0, worker=0.5)]) == "0% of the processor time"


def test_contenders_come_in_the_order_of_their_first_runs() -> None:
    """However often each ran."""
    runs = [run("darkroom", 0, 1.0), run("celery", 0, 1.0), run("darkroom", 1, 1.0)]

    assert contenders_of(runs, "no-op") == ["darkroom", "celery"]

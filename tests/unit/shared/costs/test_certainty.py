"""The range around the time left: how often it holds the truth."""

import math
import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.costs import SHIPPED_SPREADS, Estimate, Scores, Spread, progress_bin
from shared.costs.certainty import ENOUGH, KEPT
from shared.documents import Certainty, Mark
from shared.documents.certainty import marked
from tests.fakes import START

SHARE = 0.4


def told(certainty: Certainty, seconds: float, share: float = SHARE) -> Mark:
    """What a batch is told at that share of its cost."""
    estimate = Estimate.of("good", 5, seconds, certainty.spread(share))
    (mark,) = marked((), share, estimate, START)
    return mark


def covered(
    chance: random.Random, certainty: Certainty, batches: int, bias: float, noise: float
) -> tuple[float, Certainty]:
    """How many of so many batches ended within their range, each learnt from when it has ended."""
    hits = 0
    for _ in range(batches):
        left = math.exp(chance.gauss(bias, noise)) * 100
        mark = told(certainty, 100)
        hits += mark.low <= left <= mark.high
        certainty = certainty.learnt([mark], START + timedelta(seconds=left), START)
    return hits / batches, certainty


@pytest.mark.parametrize(("bias", "noise"), [(0.0, 0.02), (0.0, 0.15), (0.0, 0.6), (0.5, 0.3), (-0.4, 0.1)])
def test_the_range_holds_eighty_of_a_hundred_whatever_the_errors_are(bias: float, noise: float) -> None:
    """Small, large, or all to one side: after some batches it fits this system."""
    chance = random.Random(f"{bias} {noise}")
    _, learnt = covered(chance, Certainty(), 150, bias, noise)
    coverage, _ = covered(chance, learnt, 1000, bias, noise)
    assert coverage == pytest.approx(0.8, abs=0.05)


def test_the_range_follows_a_system_that_changes() -> None:
    """Three times noisier from one day to the next."""
    chance = random.Random(5)
    _, calm = covered(chance, Certainty(), 300, 0.0, 0.1)
    _, learnt = covered(chance, calm, 300, 0.0, 0.3)
    coverage, _ = covered(chance, learnt, 1000, 0.0, 0.3)
    assert coverage == pytest.approx(0.8, abs=0.05)


def test_before_enough_was_seen_the_shipped_range_counts() -> None:
    """For each bin of progress alone."""
    certainty = Certainty()
    for _ in range(ENOUGH):
        assert certainty.spread(SHARE) == SHIPPED_SPREADS[progress_bin(SHARE)]
        certainty = certainty.learnt([told(certainty, 100)], START + timedelta(seconds=100), START)
    assert certainty.spread(SHARE) == Spread(low=0, high=0)
    assert certainty.spread(0.95) == SHIPPED_SPREADS[-1]


@given(st.lists(st.floats(), max_size=300))
def test_no_score_makes_a_range_that_is_none(offs: list[float]) -> None:
    """Nor grows without bound."""
    scores = Scores()
    for off in offs:
        scores = scores.learnt(off, missed=True)
    assert len(scores.offs) <= KEPT
    spread = scores.spread()
    assert spread is None or -5 <= spread.low <= spread.high <= 5
    assert Scores.model_validate(scores.model_dump()) == scores


def test_each_bin_is_marked_once_and_only_by_good_estimates() -> None:
    """What is measured or waited for is no promise."""
    good = Estimate.of("good", 5, 60, SHIPPED_SPREADS[0])
    marks = marked((), 0.4, good, START)
    assert marked(marks, 0.45, good, START) == marks
    assert [mark.place for mark in marked(marks, 0.6, good, START)] == [progress_bin(0.4), progress_bin(0.6)]
    assert marked((), 0.4, good.model_copy(update={"state": "measuring"}), START) == ()
    assert marked((), 0.4, Estimate(state="good", ended_images=5, seconds=1.0), START) == ()


def test_moments_of_nothing_teach_nothing() -> None:
    """A batch that ends with the next count, and clocks that went back."""
    for seconds, left in ((100.0, -5.0), (100.0, 0.1), (0.1, 100.0)):
        mark = told(Certainty(), seconds)
        assert not any(s.offs for s in Certainty().learnt([mark], START + timedelta(seconds=left), START).scores)


def test_what_cannot_be_read_is_learnt_again() -> None:
    """A spoilt document, and one of a version with other bins."""
    assert Certainty.model_validate({"scores": [{"offs": ["x"]}]}).scores == ()
    assert Certainty.model_validate({"scores": None}).spread(0.4) == Certainty().spread(0.4)
    strange = told(Certainty(), 10).model_copy(update={"place": 99})
    assert not any(s.offs for s in Certainty().learnt([strange], START + timedelta(seconds=9), START).scores)

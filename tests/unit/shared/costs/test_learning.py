"""What is learnt of images: soon enough, and nothing from nonsense."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.costs import CostPredictor, CostRow, ImageFacts, Parts
from shared.costs.learning import MAX_SURPRISE
from shared.recipes import BUILT_IN_RECIPES

WEB = CostPredictor(BUILT_IN_RECIPES["web"])
ANYTHING = st.one_of(st.floats(), st.integers(-(10**30), 10**30).map(float), st.just(0.0))
EQUAL_PARTS = Parts(10.0, 10.0, 10.0, 10.0)


def photographs(count: int, seed: int = 1) -> list[Parts]:
    """Parts of photographs between a tenth of a megapixel and 24."""
    chance = random.Random(seed)
    sizes = [10 ** chance.uniform(5, 7.4) for _ in range(count)]
    return [WEB.parts(ImageFacts(round(size * chance.uniform(0.1, 0.6)), "jpeg", round(size))) for size in sizes]


def learnt(row: CostRow, images: list[tuple[Parts, float]]) -> CostRow:
    """The row after all of these."""
    for parts, cost_ms in images:
        row = row.learnt(parts, cost_ms)
    return row


@pytest.mark.parametrize("factor", [0.1, 0.5, 1.0, 3.0, 20.0])
def test_a_machine_of_another_speed_is_learnt_within_fifty_images(factor: float) -> None:
    """To 30 %, even where the first ones count as outliers."""
    images = photographs(60)
    row = learnt(CostRow(), [(parts, factor * sum(parts)) for parts in images[:50]])
    for parts in images[50:]:
        assert row.cost_ms(parts) == pytest.approx(factor * sum(parts), rel=0.3)


def test_each_part_has_a_factor_of_its_own() -> None:
    """A recipe whose prints cost three times what the table says leaves the decoder's part alone."""
    images = photographs(400)
    truth = [(parts, parts.start + parts.pixels + parts.data + 3 * parts.prints) for parts in images]
    row = learnt(CostRow(), truth[:300])
    errors = [abs(row.cost_ms(parts) / cost - 1) for parts, cost in truth[300:]]
    assert sorted(errors)[len(errors) // 2] < 0.05


def test_what_images_do_not_tell_apart_does_not_drift() -> None:
    """Equal images for ever: the parts' factors stay together, where a covariance that forgets would blow up."""
    row = learnt(CostRow(), [(EQUAL_PARTS, 40.0 + place % 2) for place in range(5000)])
    assert max(row.factors) - min(row.factors) < 0.01
    assert row.cost_ms(EQUAL_PARTS) == pytest.approx(40.5, rel=0.02)


def test_one_outlier_moves_little() -> None:
    """However far out it is, it counts as five times the expected."""
    row = learnt(CostRow(), [(EQUAL_PARTS, 40.0)] * 100)
    assert row.learnt(EQUAL_PARTS, 1e12) == row.learnt(EQUAL_PARTS, 40.0 * MAX_SURPRISE * 2)
    assert row.learnt(EQUAL_PARTS, 1e12).cost_ms(EQUAL_PARTS) < 42


def test_what_was_long_ago_is_forgotten() -> None:
    """After a move to a machine of half the speed."""
    row = learnt(CostRow(), [(EQUAL_PARTS, 40.0)] * 2000 + [(EQUAL_PARTS, 80.0)] * 4000)
    assert row.cost_ms(EQUAL_PARTS) == pytest.approx(80, rel=0.03)


@given(st.lists(st.tuples(st.integers(-(10**20), 10**20), st.one_of(st.none(), st.integers(-5, 10**20)), ANYTHING)))
def test_nonsense_never_raises_and_never_leaves_the_bounds(images: list[tuple[int, int | None, float]]) -> None:
    """Clocks that jump, headers that lie: what is recorded stays finite and readable, the prediction within bounds."""
    row = CostRow()
    for size_bytes, pixels, cost_ms in images:
        row = row.learnt(WEB.parts(ImageFacts(size_bytes, "jpeg", pixels)), cost_ms)
    assert CostRow.model_validate(row.model_dump()) == row
    assert all(math.isfinite(factor) and factor >= 0 for factor in row.factors)
    predictor = CostPredictor(BUILT_IN_RECIPES["web"], {"jpeg": row})
    assert 1 <= predictor.cost_ms(ImageFacts(1_000_000, "jpeg", 3_000_000)) <= 600_000


@pytest.mark.parametrize("cost_ms", [0.0, -1.0, math.nan, math.inf, -math.inf])
def test_a_cost_that_says_nothing_teaches_nothing(cost_ms: float) -> None:
    """0 is what a worker says that does not know."""
    row = learnt(CostRow(), [(EQUAL_PARTS, 30.0)])
    assert row.learnt(EQUAL_PARTS, cost_ms) is row

"""How the cost of a batch is spread over its images."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.costs import CostPredictor, CostProfile, FactTally, ImageFacts
from shared.costs.profile import MAX_CELLS
from shared.recipes import BUILT_IN_RECIPES

WEB = CostPredictor(BUILT_IN_RECIPES["web"])


def profile_of(images: list[ImageFacts | None]) -> CostProfile:
    """What the gateway records of an upload."""
    tally = FactTally()
    for facts in images:
        tally.add(facts)
    profile = tally.profile(WEB)
    assert profile is not None
    return profile


def jpeg(megapixels: float) -> ImageFacts:
    """A photograph."""
    return ImageFacts(round(megapixels * 350_000), "jpeg", round(megapixels * 1e6))


def test_up_to_its_cells_each_image_counts_for_itself() -> None:
    """Sorted or not."""
    images: list[ImageFacts | None] = [jpeg(0.1 + place / 10) for place in range(100)]
    profile = profile_of(images)
    costs = [WEB.cost_ms(facts) for facts in images if facts]
    for count in range(101):
        assert profile.first_ms(count) == pytest.approx(sum(costs[:count]), abs=count + 1)


@pytest.mark.parametrize("images", [129, 300, 1000, 54_321])
def test_a_large_batch_has_no_more_cells_and_keeps_its_slope(images: int) -> None:
    """Small images first: the first half is cheap whatever the size of the batch."""
    sizes = [0.1 if place < images / 2 else 10.0 for place in range(images)]
    profile = profile_of([jpeg(size) for size in sizes])
    assert MAX_CELLS // 2 <= len(profile.sums_ms) <= MAX_CELLS
    half = sum(WEB.cost_ms(jpeg(size)) for size in sizes[: images // 2])
    total = sum(WEB.cost_ms(jpeg(size)) for size in sizes)
    assert profile.total_ms == pytest.approx(total, rel=0.02)
    assert profile.first_ms(images // 2) == pytest.approx(half, abs=0.02 * total)


@given(st.lists(st.one_of(st.none(), st.floats(0.01, 50).map(jpeg)), min_size=1, max_size=700), st.data())
def test_the_cost_of_the_first_images_grows_with_their_number(
    images: list[ImageFacts | None], data: st.DataObject
) -> None:
    """From nothing to the total, so that the time left never grows by progress."""
    profile = profile_of(images)
    assert profile.images == len(images)
    assert (profile.first_ms(0), profile.first_ms(len(images))) == (0, profile.total_ms)
    assert profile.first_ms(len(images) + 5) == profile.total_ms
    first = data.draw(st.integers(0, len(images) - 1))
    assert profile.first_ms(first) <= profile.first_ms(first + 1)
    assert profile.images_within(profile.first_ms(first)) >= first
    assert profile.first_ms(profile.images_within(profile.total_ms / 2)) <= profile.total_ms / 2


def test_files_that_are_not_developed_cost_next_to_nothing() -> None:
    """They end all the same."""
    profile = profile_of([None, None, jpeg(10)])
    assert profile.first_ms(2) <= 2
    assert profile.total_ms > 50


def test_no_images_have_no_profile() -> None:
    """Rather than one that divides by nothing."""
    assert FactTally().profile(WEB) is None

"""What images are predicted to cost before anything is learnt."""

from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.costs import MAX_COST_MS, MIN_COST_MS, CostPredictor, ImageFacts
from shared.image_types import ImageFormat
from shared.recipes import BUILT_IN_RECIPES, AvifOutput, Box, JpegOutput, Recipe, WebpOutput
from shared.recipes.steps import AutoOrient, Blur, Resize

FORMATS: tuple[ImageFormat, ...] = get_args(ImageFormat)
NUMBERS = st.integers(-(10**40), 10**40)


@given(
    NUMBERS, st.sampled_from([None, *FORMATS]), st.one_of(st.none(), NUMBERS), st.sampled_from(list(BUILT_IN_RECIPES))
)
def test_every_prediction_is_within_bounds(
    size_bytes: int, image_format: ImageFormat | None, pixels: int | None, recipe: str
) -> None:
    """Whatever a header says."""
    cost_ms = CostPredictor(BUILT_IN_RECIPES[recipe]).cost_ms(ImageFacts(size_bytes, image_format, pixels))
    assert isinstance(cost_ms, int)
    assert MIN_COST_MS <= cost_ms <= MAX_COST_MS


@pytest.mark.parametrize("image_format", FORMATS)
@pytest.mark.parametrize("recipe", list(BUILT_IN_RECIPES))
def test_a_larger_image_costs_no_less(recipe: str, image_format: ImageFormat) -> None:
    """By any built-in recipe, of any format, from a thumbnail to 50 megapixels."""
    predictor = CostPredictor(BUILT_IN_RECIPES[recipe])
    costs = [
        predictor.cost_ms(ImageFacts(side * side // 4, image_format, side * side)) for side in range(100, 7100, 500)
    ]
    assert all(smaller <= larger for smaller, larger in pairwise(costs))
    assert costs[0] < costs[-1]


def test_without_pixels_they_are_guessed_from_the_bytes() -> None:
    """So that an entry of an earlier version has about the same cost."""
    predictor = CostPredictor(BUILT_IN_RECIPES["web"])
    known = predictor.cost_ms(ImageFacts(3_500_000, "jpeg", 10_000_000))
    assert predictor.cost_ms(ImageFacts(3_500_000)) == pytest.approx(known, rel=0.1)


def test_a_recipe_costs_what_it_makes() -> None:
    """Slower encoders, more steps and larger prints cost more; a step that shrinks first makes prints cheap."""

    def cost_ms(*outputs: JpegOutput | WebpOutput | AvifOutput, steps: tuple[Resize | Blur, ...] = ()) -> int:
        recipe = Recipe(steps=(AutoOrient(), *steps), outputs=outputs)
        return CostPredictor(recipe).cost_ms(ImageFacts(3_000_000, "jpeg", 12_000_000))

    whole = JpegOutput(name="p")
    assert cost_ms(JpegOutput(name="p", fit=Box(width=320, height=320))) < cost_ms(whole)
    assert cost_ms(whole) < cost_ms(WebpOutput(name="p")) < cost_ms(WebpOutput(name="p", effort=6))
    assert cost_ms(AvifOutput(name="p", speed=10)) < cost_ms(AvifOutput(name="p", speed=4))
    assert cost_ms(whole) < cost_ms(whole, steps=(Blur(radius=3),))
    assert cost_ms(whole, steps=(Resize(width=400, height=400),)) < cost_ms(whole)

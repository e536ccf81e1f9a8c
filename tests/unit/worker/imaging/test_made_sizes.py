import pytest

from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.made_sizes import check_made_sizes
from services.worker.imaging.plan import plan
from services.worker.imaging.sizes import Size
from shared.recipes import BUILT_IN_RECIPES, AvifOutput, Box, JpegOutput, Recipe
from shared.recipes.steps import Border, BuiltInStep, Resize, Rotate

LIMITS = ImageLimits(max_decoded_pixels=10_000, max_print_pixels=8000, max_avif_pixels=5000, max_print_side=400)
SMALL = (JpegOutput(name="p", fit=Box(width=50, height=50)),)


def rejection(size: Size, recipe: Recipe) -> str | None:
    """Give the sentence with which an image of that size is rejected, if it is."""
    try:
        check_made_sizes(size, recipe, plan(size, recipe), LIMITS)
    except ImageRejected as rejected:
        assert rejected.code == "too_many_pixels"  # noqa: PT017 - only this code is right
        return rejected.message
    return None


@pytest.mark.parametrize(
    ("step", "size"),
    [
        (Resize(width=200, height=200, mode="contain"), (20, 20)),
        (Resize(width=200, height=200, enlarge=True), (60, 60)),
        # Cut to 50 x 50 in the end, and 4000 x 50 before.
        (Resize(width=50, height=50, mode="cover", enlarge=True), (1000, 13)),
        (Border(width=45), (20, 20)),
        (Rotate(angle=45), (90, 90)),
    ],
)
def test_a_step_may_not_make_an_image_too_large(step: BuiltInStep, size: Size) -> None:
    """However small the original and the print are; the sentence names the step."""
    whole = (JpegOutput(name="p"),)
    found = rejection(size, Recipe(name="r", steps=(step,), outputs=whole))
    assert found is not None
    assert found.startswith(f"Step 1 ({step.op})")


def test_steps_on_an_image_that_is_shrunk_before_are_measured_by_what_they_touch() -> None:
    """A 108-megapixel photograph is turned by 45 degrees as a small one, when its prints are small."""
    assert rejection((1000, 1000), Recipe(name="r", steps=(Rotate(angle=45),), outputs=SMALL)) is None


@pytest.mark.parametrize(
    ("output", "size", "words"),
    [
        (JpegOutput(name="p"), (90, 90), "a print of more than 0.008 megapixels"),
        (AvifOutput(name="p"), (80, 80), "an AVIF print of more than 0.005 megapixels"),
        (JpegOutput(name="p"), (401, 2), "longer than 400 pixels"),
    ],
)
def test_a_print_may_not_be_too_large(output: JpegOutput | AvifOutput, size: Size, words: str) -> None:
    """The sentence says which and why."""
    found = rejection(size, Recipe(name="r", outputs=(output,)))
    assert found is not None
    assert words in found
    assert rejection((70, 70), Recipe(name="r", outputs=(output,))) is None


@pytest.mark.parametrize("recipe", BUILT_IN_RECIPES.values(), ids=list(BUILT_IN_RECIPES))
@pytest.mark.parametrize("size", [(16_320, 12_240), (1, 1), (32_768, 7000), (9, 30_000)])
def test_what_darkroom_brings_along_takes_any_honest_image(recipe: Recipe, size: Size) -> None:
    """At the limits' defaults."""
    check_made_sizes(size, recipe, plan(size, recipe), ImageLimits())

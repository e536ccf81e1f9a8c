import pytest
from PIL import Image

from services.worker.imaging.sizes import fitted_size, needed_box, shrink, turned_box
from shared.recipes import Box, JpegOutput, Recipe, Resize


@pytest.mark.parametrize(
    ("size", "fitted"),
    [
        ((4000, 3000), (1600, 1200)),
        ((3000, 4000), (1200, 1600)),
        ((800, 600), (800, 600)),
        ((30_000, 10), (1600, 1)),
        ((1601, 1), (1600, 1)),
    ],
)
def test_fitting_keeps_proportions_and_never_enlarges(size: tuple[int, int], fitted: tuple[int, int]) -> None:
    """Both sides stay at least one pixel."""
    assert fitted_size(size, Box(width=1600, height=1600)) == fitted


def output(name: str, width: int | None = None, height: int = 100) -> JpegOutput:
    """Make an output that fits the box, or is in full size."""
    return JpegOutput(name=name, fit=None if width is None else Box(width=width, height=height))


def test_a_recipe_needs_what_its_largest_outputs_need() -> None:
    """The decoder may stop at that size."""
    recipe = Recipe(name="r", outputs=(output("wide", 900, 100), output("high", 100, 700)))
    assert needed_box(recipe) == Box(width=900, height=700)


def test_an_output_in_full_size_needs_everything() -> None:
    """One print without a box forbids shrinking beforehand."""
    assert needed_box(Recipe(name="r", outputs=(output("small", 10), output("full")))) is None


def test_a_resize_step_caps_what_its_outputs_need() -> None:
    """Outputs after it cannot be larger."""
    recipe = Recipe(name="r", steps=(Resize(width=500, height=400),), outputs=(output("full"),))
    assert needed_box(recipe) == Box(width=500, height=400)


def test_a_box_turns_with_the_image() -> None:
    """A portrait photo is stored lying down."""
    assert turned_box(Box(width=2, height=3)) == Box(width=3, height=2)


def test_an_image_of_the_right_size_is_left_alone() -> None:
    """Resampling it again would only blur it."""
    image = Image.new("RGB", (3, 2))
    assert shrink(image, (3, 2)) is image


def test_shrinking_takes_every_pixel_into_account() -> None:
    """Nearest neighbour would keep some of the stripes and lose the others."""
    stripes = Image.frombytes("L", (2, 100), b"\0\0\xff\xff" * 50)
    assert all(100 < grey < 155 for grey in shrink(stripes, (2, 10)).tobytes())


def test_only_the_region_is_shrunk() -> None:
    """Scaled decoding pads the last column and row."""
    padded = Image.new("L", (12, 8), 255)
    padded.paste(0, (0, 0, 8, 8))
    # LANCZOS looks a little beyond the region's edge; without a region the last column is all padding.
    assert shrink(padded, (4, 4), (0, 0, 8, 8)).tobytes()[3] < 40
    assert shrink(padded, (4, 4)).tobytes()[3] > 200

"""Which way round the inks of a CMYK image are stored."""

import pytest
from PIL import Image, ImageChops

from services.worker.imaging.pixels.inks import are_inverted


def separated(image: Image.Image, black_share: float = 0.7) -> Image.Image:
    """Give the inks of an RGB image, with so much of its grey printed in black."""
    inks = ImageChops.invert(image).split()
    grey = ImageChops.darker(ImageChops.darker(inks[0], inks[1]), inks[2]).point(lambda ink: int(ink * black_share))
    return Image.merge("CMYK", (*(ImageChops.subtract(ink, grey) for ink in inks), grey))


@pytest.mark.parametrize("brightness", [0.2, 0.5, 1.0])
@pytest.mark.parametrize("black_share", [0.0, 0.3, 0.5])
def test_a_photograph_is_recognised_either_way_round(
    photograph: Image.Image, brightness: float, black_share: float
) -> None:
    """Dark or bright, with much black or none."""
    inks = separated(photograph.point(lambda value: int(value * brightness)), black_share)
    assert not are_inverted(inks)
    assert are_inverted(ImageChops.invert(inks))


def test_paper_decides_before_black_does() -> None:
    """A dark image with white paper around it has much black, but the paper cannot be of four full inks."""
    page = Image.new("CMYK", (100, 100), (0, 0, 0, 0))
    page.paste((60, 60, 60, 250), (10, 10, 90, 90))
    assert not are_inverted(page)
    assert are_inverted(ImageChops.invert(page))

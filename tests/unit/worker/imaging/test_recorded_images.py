"""What each of the recorded images must give, with libvips as the judge of pixels."""

import io
from pathlib import Path

import pytest
from PIL import Image

from services.worker.imaging.developing import develop_image
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.prints import DevelopedImage
from shared.recipes import PngOutput, Recipe
from tests.independent_decoder import decode_with_libvips, difference

RECORDED = Path(__file__).parents[3] / "recorded" / "images"
RECIPE = Recipe(name="whole", outputs=(PngOutput(name="print"),))


def develop(file: Path) -> DevelopedImage:
    """Make a whole print of a file."""
    return develop_image(ImageBytes(file.read_bytes()), RECIPE, ImageLimits())


def pixels(developed: DevelopedImage) -> Image.Image:
    """Give what the print shows."""
    return Image.open(io.BytesIO(developed.outputs[0].data))


@pytest.mark.parametrize("name", ["jpeg_arith.jpg", "jpeg_arith_prog.jpg"])
def test_an_arithmetic_coded_jpeg_is_developed_whatever_its_length(name: str) -> None:
    """Its decoder cannot wait for more data, and Pillow gives it 64 KiB at a time."""
    file = RECORDED / "jpeg_arithmetic" / name
    developed = develop(file)
    assert (developed.width, developed.height, developed.notes) == (900, 600, ())
    assert difference(pixels(developed), decode_with_libvips(file.read_bytes())) < 1


def test_a_wrong_restart_marker_is_noted() -> None:
    """What lies between it and the next one is lost, and libjpeg goes on."""
    assert develop(RECORDED / "jpeg_damage" / "jpeg_rst_wrong.jpg").notes == ("damaged",)

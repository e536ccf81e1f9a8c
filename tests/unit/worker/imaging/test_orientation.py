import io
from unittest.mock import Mock

import pytest
from PIL import ExifTags, Image, ImageOps

from services.worker.imaging.pixels.orientation import is_sideways, read_orientation, turn_upright


def corner() -> Image.Image:
    """Make an image that looks different in each orientation."""
    image = Image.new("RGB", (3, 2))
    image.putpixel((0, 0), (255, 0, 0))
    image.putpixel((2, 0), (0, 255, 0))
    return image


def stored(orientation: object) -> Image.Image:
    """Open an image that says it was stored in that orientation."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    file = io.BytesIO()
    corner().save(file, "PNG", exif=exif)
    return Image.open(file)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_eight_orientations_are_turned_as_pillow_turns_them(orientation: int) -> None:
    """Our own transposing exists only because Pillow's forbids scaled decoding."""
    image = stored(orientation)
    turned = turn_upright(image, read_orientation(image))
    assert turned.tobytes() == ImageOps.exif_transpose(image).tobytes()
    assert (turned.size != image.size) == is_sideways(orientation)


@pytest.mark.parametrize("orientation", [0, 9, 4711])
def test_a_meaningless_orientation_counts_as_upright(orientation: int) -> None:
    """Cameras write zero when they do not know."""
    assert read_orientation(stored(orientation)) == 1


def test_broken_exif_counts_as_upright() -> None:
    """The pixels may be good all the same."""
    assert read_orientation(Mock(spec=Image.Image, getexif=Mock(side_effect=SyntaxError("not a TIFF file")))) == 1


def test_memory_that_does_not_suffice_for_the_exif_is_not_taken_for_broken_exif() -> None:
    """The image would be shown lying, where a second attempt with more memory turns it."""
    with pytest.raises(MemoryError):
        read_orientation(Mock(spec=Image.Image, getexif=Mock(side_effect=MemoryError)))

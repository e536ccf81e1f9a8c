"""The part of an AVIF that its owner kept, whichever way it is turned."""

import io
import struct

import pytest
from PIL import Image

from services.worker.imaging.developing import develop_image
from services.worker.imaging.files.avif_aperture import clean_aperture
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from shared.recipes import Recipe
from tests.independent_decoder import decode_with_libvips, difference
from tests.unit.worker.imaging.conftest import Encoded

RECIPE = Recipe.model_validate(
    {"name": "whole", "steps": [{"op": "auto_orient"}], "outputs": [{"name": "print", "format": "png"}]}
)


def with_clean_aperture(avif: bytes, *numbers: int) -> bytes:
    """Add a `clap` property to a file of one item: width, height, and the offsets of its middle, each a fraction."""
    box = struct.pack(">I4s8i", 40, b"clap", *numbers)
    association = avif.index(b"ipma")
    number = sum(
        avif[: avif.index(b"ipma")].count(name) for name in (b"ispe", b"pixi", b"av1C", b"colr", b"irot", b"imir")
    )
    listed = association + 4 + 4 + 4 + 2  # behind version, count and the item's number is how many properties it has
    grown = bytearray(avif)
    before_own_turns = listed + 1
    grown[listed] += 1
    grown[before_own_turns:before_own_turns] = bytes((0x80 | (number + 1),))
    for name, more in ((b"ipma", 1), (b"ipco", len(box)), (b"iprp", len(box) + 1), (b"meta", len(box) + 1)):
        at = avif.index(name) - 4
        grown[at : at + 4] = struct.pack(">I", int.from_bytes(avif[at : at + 4], "big") + more)
    pixels = struct.pack(">I", avif.index(b"mdat") + 4)
    at = avif.index(pixels, avif.index(b"iloc"))
    grown[at : at + 4] = struct.pack(">I", avif.index(b"mdat") + 4 + len(box) + 1)
    end_of_properties = association - 4
    grown[end_of_properties:end_of_properties] = box
    return bytes(grown)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_avif_is_cropped_before_it_is_turned(photograph: Image.Image, encoded: Encoded, orientation: int) -> None:
    """The owner's crop is of the image as it is stored; turning and mirroring come after it."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    avif = encoded(photograph.resize((160, 120)), "AVIF", quality=95, exif=exif, subsampling="4:4:4")
    cropped = with_clean_aperture(avif, 80, 1, 40, 1, -20, 1, 10, 1)
    developed = develop_image(ImageBytes(cropped), RECIPE, ImageLimits())
    shown = Image.open(io.BytesIO(developed.outputs[0].data))
    assert developed.notes == ()
    assert shown.size == ((40, 80) if orientation > 4 else (80, 40))
    assert difference(shown, decode_with_libvips(cropped)) < 3


@pytest.mark.parametrize(
    "numbers", [(999, 1, 40, 1, 0, 1, 0, 1), (80, 0, 40, 1, 0, 1, 0, 1), (80, 1, 40, 1, 99, 1, 0, 1)]
)
def test_a_crop_that_contradicts_the_image_is_noted(
    photograph: Image.Image, encoded: Encoded, numbers: tuple[int, ...]
) -> None:
    """All of the image is shown then."""
    avif = encoded(photograph.resize((160, 120)), "AVIF")
    developed = develop_image(ImageBytes(with_clean_aperture(avif, *numbers)), RECIPE, ImageLimits())
    assert (developed.width, developed.height, developed.notes) == (160, 120, ("crop_ignored",))


def box(name: bytes, content: bytes = b"", *, is_long: bool = False) -> bytes:
    """A box of ISO/IEC 14496-12 with its size in 32 bits, or in 64."""
    if is_long:
        return struct.pack(">I4sQ", 1, name, 16 + len(content)) + content
    return struct.pack(">I4s", 8 + len(content), name) + content


def meta(*boxes: bytes) -> bytes:
    """A file's only box that says anything about its items."""
    return box(b"meta", bytes(4) + b"".join(boxes))


PRIMARY = box(b"pitm", bytes(4) + struct.pack(">H", 1))
CROP = box(b"clap", struct.pack(">8i", 80, 1, 40, 1, 0, 1, 0, 1))
PROPERTIES = box(b"iprp", box(b"ipco", CROP) + box(b"ipma", bytes(4) + struct.pack(">IHBB", 1, 1, 1, 1)))


@pytest.mark.parametrize("is_long", [False, True])
def test_boxes_of_either_width_of_size_are_read_past(*, is_long: bool) -> None:
    """Pixels often lie in a box whose size has 64 bits, before what says what they are."""
    pixels = box(b"mdat", b"pixels", is_long=is_long)
    assert clean_aperture(pixels + meta(PRIMARY, PROPERTIES), (160, 120)) == (40, 40, 120, 80)


@pytest.mark.parametrize("parts", [(), (PRIMARY,), (PROPERTIES,), (PRIMARY, box(b"iprp", box(b"ipco", CROP)))])
def test_without_a_main_image_or_its_properties_all_is_shown(parts: tuple[bytes, ...]) -> None:
    """No crop can be anyone's then."""
    assert clean_aperture(meta(*parts), (160, 120)) is None


@pytest.mark.parametrize(
    "before", [struct.pack(">I4s", 7, b"free"), struct.pack(">I4sQ", 1, b"free", 15), box(b"free") * 5000]
)
def test_boxes_that_would_never_end_are_not_followed(before: bytes) -> None:
    """One that is smaller than its own head would be read again and again, and of small ones a file holds millions."""
    assert clean_aperture(before + meta(PRIMARY, PROPERTIES), (160, 120)) is None

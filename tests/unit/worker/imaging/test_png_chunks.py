"""PNG chunks that cannot be trusted, and colours that a PNG names in chunks of its own."""

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from services.worker.imaging.developing import develop_image
from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.prints import DevelopedImage
from shared.recipes import PngOutput, Recipe, WebpOutput
from tests.unit.worker.imaging.conftest import Encoded

RECIPE = Recipe(name="whole", outputs=(PngOutput(name="print"),))
P3 = b"cICP", bytes((12, 13, 0, 1))
SRGB_CICP = b"cICP", bytes((1, 13, 0, 1))
PQ = b"cICP", bytes((9, 16, 0, 1))
NOT_RGB = b"cICP", bytes((12, 13, 1, 1))
LINEAR = b"gAMA", struct.pack(">I", 100_000)
USUAL_GAMMA = b"gAMA", struct.pack(">I", 45_455)
P3_PRIMARIES = b"cHRM", struct.pack(">8I", 31_270, 32_900, 68_000, 32_000, 26_500, 69_000, 15_000, 6_000)
NO_PRIMARIES = b"cHRM", bytes(32)
PRIMARIES_BEYOND_ALL_COLOURS = (
    b"cHRM",
    struct.pack(">8I", 31_270, 32_900, 168_000, 32_000, 26_500, 69_000, 15_000, 6_000),
)
GAMMA_OF_NO_DISPLAY = b"gAMA", struct.pack(">I", 100)
SRGB = b"sRGB", b"\0"
GREEN = (95, 197, 66)


def chunk(name: bytes, content: bytes) -> bytes:
    """Give a chunk with its checksum."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def develop(data: bytes) -> DevelopedImage:
    """Make a whole print of a file."""
    return develop_image(ImageBytes(data), RECIPE, ImageLimits())


def colour(data: bytes) -> tuple[int, ...]:
    """Give the print's only colour."""
    [(_count, found)] = Image.open(io.BytesIO(develop(data).outputs[0].data)).getcolors() or []
    assert isinstance(found, tuple)
    return found


def with_chunks(png: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """Put chunks behind the header, before the palette and the pixels."""
    return png[:33] + b"".join(chunk(*each) for each in chunks) + png[33:]


@pytest.fixture
def green(encoded: Encoded) -> bytes:
    """A PNG of one colour."""
    return encoded(Image.new("RGB", (4, 4), GREEN), "PNG")


def test_the_colours_of_cicp_come_first(green: bytes, encoded: Encoded, adobe_rgb: bytes) -> None:
    """Before a profile, sRGB, gAMA and cHRM; also where cICP says that the pixels are sRGB."""
    wanted = colour(with_chunks(green, P3))
    assert wanted == pytest.approx((30, 200, 30), abs=3)
    profiled = encoded(Image.new("RGB", (4, 4), GREEN), "PNG", icc_profile=adobe_rgb)
    assert colour(with_chunks(profiled, P3, SRGB, LINEAR)) == wanted
    assert colour(with_chunks(profiled, SRGB_CICP, LINEAR)) == GREEN


def test_a_profile_comes_before_srgb_and_srgb_before_gamma(green: bytes, encoded: Encoded, adobe_rgb: bytes) -> None:
    """As in the third edition of PNG."""
    profiled = encoded(Image.new("RGB", (4, 4), GREEN), "PNG", icc_profile=adobe_rgb)
    assert colour(with_chunks(profiled, SRGB, LINEAR, P3_PRIMARIES)) == colour(profiled) != GREEN
    assert colour(with_chunks(green, SRGB, LINEAR, P3_PRIMARIES)) == GREEN


def test_gamma_and_primaries_are_heeded_together_and_alone(green: bytes) -> None:
    """Each stands for what sRGB has where the other is missing."""
    assert colour(with_chunks(green, P3_PRIMARIES)) == pytest.approx(colour(with_chunks(green, P3)), abs=1)
    assert colour(with_chunks(green, LINEAR)) == pytest.approx((164, 228, 139), abs=2)
    assert colour(with_chunks(green, LINEAR, P3_PRIMARIES)) not in {GREEN, colour(with_chunks(green, LINEAR))}


def test_the_usual_gamma_means_srgb(green: bytes) -> None:
    """It is what nearly every older file says of itself."""
    assert colour(with_chunks(green, USUAL_GAMMA)) == GREEN


@pytest.mark.parametrize(
    "odd",
    [
        PQ,
        (b"cICP", b"\x0c\x0d\x01\x01"),
        (b"cICP", b"\x0c"),
        NO_PRIMARIES,
        PRIMARIES_BEYOND_ALL_COLOURS,
        GAMMA_OF_NO_DISPLAY,
        (b"gAMA", bytes(4)),
    ],
)
def test_colours_that_cannot_be_heeded_are_noted(green: bytes, odd: tuple[bytes, bytes]) -> None:
    """The pixels are taken for sRGB then."""
    assert develop(with_chunks(green, odd)).notes == ("colour_ignored",)
    assert colour(with_chunks(green, odd)) == GREEN


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_linear_light_is_heeded_in_every_mode(mode: str, encoded: Encoded) -> None:
    """Whatever the kind of pixels, a mid grey of linear light is shown brighter."""
    grey: Any = {"I;16": 188 << 8, "LA": (60, 255), "RGBA": (60, 60, 60, 255), "1": 1}.get(mode, 60)
    image = Image.new("L", (4, 4), 60).convert("P") if mode == "P" else Image.new(mode, (4, 4), grey)
    shown = Image.open(io.BytesIO(develop(with_chunks(encoded(image, "PNG"), LINEAR)).outputs[0].data)).convert("L")
    assert shown.getpixel((0, 0)) == pytest.approx({"1": 255, "I;16": 222}.get(mode, 132), abs=2)


def corrupted(data: bytes, name: bytes) -> bytes:
    """Flip a bit of the checksum of the first chunk of that name."""
    at = data.index(name)
    end = at + 4 + int.from_bytes(data[at - 4 : at], "big")
    return data[:end] + bytes((data[end] ^ 1,)) + data[end + 1 :]


@pytest.mark.parametrize("name", [b"IHDR", b"PLTE"])
def test_a_wrong_checksum_of_what_the_pixels_need_stays_a_refusal(name: bytes, encoded: Encoded) -> None:
    """Nobody knows what was meant."""
    with pytest.raises(ImageRejected, match="unreadable"):
        develop(corrupted(encoded(Image.new("P", (4, 4)), "PNG"), name))


@pytest.mark.parametrize("name", [b"tEXt", b"eXIf", b"prVt", b"cICP", b"tRNS", b"pHYs"])
@pytest.mark.parametrize("before_pixels", [True, False])
def test_any_ancillary_chunk_with_a_wrong_checksum_is_left_out(green: bytes, name: bytes, before_pixels: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Wherever it stands, and whatever it would say."""
    at = 33 if before_pixels else green.index(b"IEND") - 4
    odd = corrupted(green[:at] + chunk(name, b"\x0c\x0d\0\1\0\0") + green[at:], name)
    assert develop(odd).notes == ("chunks_ignored",)
    assert colour(odd) == GREEN


@pytest.mark.parametrize("name", [b"acTL", b"fcTL", b"fdAT"])
def test_an_animation_with_a_broken_part_is_developed_as_its_still_image(name: bytes, encoded: Encoded) -> None:
    """The frames that are left would not fit together."""
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue", "lime")]
    moving = encoded(frames[0], "PNG", save_all=True, append_images=frames[1:])
    recipe = Recipe(name="moving", outputs=(WebpOutput(name="print", animation="keep"),))
    developed = develop_image(ImageBytes(corrupted(moving, name)), recipe, ImageLimits())
    assert (developed.frames, developed.notes) == (1, ("chunks_ignored",))


MALFORMED = [
    *(
        (name, b"")
        for name in (b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"tRNS", b"acTL", b"fcTL", b"fdAT", b"iCCP", b"zTXt")
    ),
    (b"tRNS", bytes(2)),
    (b"iCCP", b"no method\0"),
    (b"iCCP", b"another method\0\1"),
    (b"zTXt", b"another method\0\1"),
]


@pytest.mark.parametrize("malformed", MALFORMED)
def test_an_ancillary_chunk_that_is_malformed_is_left_out_with_a_note(
    green: bytes, malformed: tuple[bytes, bytes]
) -> None:
    """Its checksum is right, but Pillow would refuse the file for it."""
    data = with_chunks(green, malformed)
    assert develop(data).notes == ("chunks_ignored",)
    assert colour(data) == GREEN


def test_a_profile_that_cannot_be_unpacked_is_noted(green: bytes) -> None:
    """Pillow passes over it."""
    assert develop(with_chunks(green, (b"iCCP", b"name\0\0no deflate"))).notes == ("colour_ignored",)

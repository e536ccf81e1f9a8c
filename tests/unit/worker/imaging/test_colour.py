import io
from collections.abc import Callable

import pytest
from PIL import Image, ImageChops

from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.pixels.colour import drop_opaque_alpha, expand, flatten_on_white, to_srgb
from tests import hostile

Encoded = Callable[..., bytes]


def with_profile(image: Image.Image, profile: bytes) -> Image.Image:
    """Give the image as if it had been opened with that profile."""
    image.info["icc_profile"] = profile
    return image


def difference(one: Image.Image, other: Image.Image) -> int:
    """Give the largest difference of any channel."""
    return max(ImageChops.difference(one, other).tobytes())


def test_16_bit_grey_keeps_its_greys() -> None:
    """Pillow's convert clamps everything above 255 of 65,535 to white."""
    image = Image.new("I;16", (2, 1))
    image.putpixel((0, 0), 0x4000)
    image.putpixel((1, 0), 0xC000)
    assert image.convert("L").tobytes() == b"\xff\xff"
    assert expand(image).tobytes() == b"\x40\xc0"


def test_16_bit_grey_keeps_its_transparent_value(encoded: Encoded) -> None:
    """A PNG may name one grey that is not there at all."""
    image = Image.new("I;16", (2, 1), 0x4000)
    image.putpixel((1, 0), 0xC000)
    reopened = Image.open(io.BytesIO(encoded(image, "PNG", transparency=0xC000)))
    reopened.load()
    assert expand(reopened).getchannel("A").tobytes() == b"\xff\x00"


def test_a_palette_is_expanded_before_resizing() -> None:
    """Pillow resizes palette images by nearest neighbour: black and white never become grey."""
    stripes = Image.new("P", (100, 1))
    stripes.putpalette([0, 0, 0, 255, 255, 255])
    stripes.putdata([index % 2 for index in range(100)])
    assert set(stripes.resize((10, 1), Image.Resampling.LANCZOS).convert("L").tobytes()) <= {0, 255}
    assert all(0 < grey < 255 for grey in expand(stripes).resize((10, 1)).convert("L").tobytes())


def test_a_palette_keeps_its_transparency(encoded: Encoded) -> None:
    """Its alpha stands beside the palette, in bytes or as one index."""
    image = Image.new("P", (2, 1))
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.putpixel((1, 0), 1)
    reopened = Image.open(io.BytesIO(encoded(image, "PNG", transparency=1)))
    reopened.load()
    assert expand(reopened).getchannel("A").tobytes() == b"\xff\x00"


@pytest.mark.parametrize(
    ("mode", "expanded"),
    [("1", "L"), ("L", "L"), ("LA", "LA"), ("P", "RGB"), ("RGB", "RGB"), ("RGBA", "RGBA"), ("CMYK", "CMYK")],
)
def test_every_mode_becomes_one_that_can_be_resampled(mode: str, expanded: str) -> None:
    """Line art, grey, palette, colour and ink."""
    assert expand(Image.new(mode, (2, 2))).mode == expanded


def test_wide_gamut_colours_are_converted_to_srgb(display_p3: bytes) -> None:
    """JPEG drops the profile silently: the same numbers would then look pale."""
    original = with_profile(Image.new("RGB", (4, 4), (200, 60, 60)), display_p3)
    converted, note = to_srgb(original)
    red, green = converted.tobytes()[:2]
    assert note is None
    assert red > 210
    assert green < 50


def test_conversion_leaves_alpha_alone(display_p3: bytes) -> None:
    """Transparency has no colour."""
    converted, _note = to_srgb(with_profile(Image.new("RGBA", (4, 4), (200, 60, 60, 77)), display_p3))
    assert converted.mode == "RGBA"
    assert converted.tobytes()[3] == 77
    assert converted.tobytes()[0] > 210


@pytest.mark.parametrize(("mode", "grey"), [("L", 60), ("LA", (60, 77))])
def test_grey_profiles_are_converted_and_grey_stays_grey(
    mode: str, grey: int | tuple[int, int], grey_gamma_1: bytes
) -> None:
    """Linear grey of 60 is a light grey in sRGB."""
    converted, note = to_srgb(with_profile(Image.new(mode, (4, 4), grey), grey_gamma_1))
    assert note is None
    assert converted.mode == mode
    assert converted.tobytes()[0] > 120
    assert mode == "L" or converted.tobytes()[1] == 77


def test_every_grey_is_converted_exactly(grey_gamma_1: bytes) -> None:
    """LittleCMS's short cut for whole images makes the darkest of linear light up to 10 of 255 too dark."""
    greys = Image.frombytes("L", (256, 1), bytes(range(256)))
    converted, _note = to_srgb(with_profile(greys, grey_gamma_1))
    light = [value / 255 for value in range(256)]
    exact = [12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055 for part in light]
    assert max(abs(found - 255 * part) for found, part in zip(converted.tobytes(), exact, strict=True)) < 0.6
    assert to_srgb(converted) == (converted, None)


def test_ink_is_converted_through_its_profile(dull_cmyk: bytes) -> None:
    """Pillow's convert("RGB") ignores the profile."""
    ink = with_profile(Image.new("CMYK", (4, 4), (255, 0, 0, 0)), dull_cmyk)
    converted, note = to_srgb(ink)
    assert (converted.mode, note) == ("RGB", None)
    assert difference(converted, ink.convert("RGB")) > 50


def test_ink_without_a_profile_is_converted_naively_and_noted() -> None:
    """It is all that can be done, and the record says so."""
    converted, note = to_srgb(Image.new("CMYK", (4, 4), (255, 0, 0, 0)))
    assert (converted.getpixel((0, 0)), note) == ((0, 255, 255), "cmyk_naive")


@pytest.mark.parametrize("mode", ["RGB", "CMYK"])
def test_a_broken_profile_is_ignored_and_noted(mode: str) -> None:
    """LittleCMS reports it as an OSError, which must not look like a damaged file."""
    converted, note = to_srgb(with_profile(Image.new(mode, (4, 4)), b"no profile at all"))
    assert (converted.mode, note) == ("RGB", "icc_ignored")


def test_a_profile_of_another_kind_of_image_is_ignored(dull_cmyk: bytes) -> None:
    """Mode mismatches in LittleCMS have been a security hole (CVE-2026-59205)."""
    image = with_profile(Image.new("RGB", (4, 4), (1, 2, 3)), dull_cmyk)
    assert to_srgb(image) == (image, "icc_ignored")


def test_an_oversized_profile_is_ignored(display_p3: bytes) -> None:
    """Real ones stay below 4 MiB."""
    image = with_profile(Image.new("RGB", (4, 4)), display_p3 + bytes(4 * 2**20))
    assert to_srgb(image)[1] == "icc_ignored"


def test_transparency_becomes_white_and_hides_what_it_hid() -> None:
    """convert("RGB") alone would show the hidden red."""
    hidden = Image.new("RGBA", (1, 1), (255, 0, 0, 0))
    assert hidden.convert("RGB").getpixel((0, 0)) == (255, 0, 0)
    assert flatten_on_white(hidden).getpixel((0, 0)) == (255, 255, 255)


def test_grey_with_transparency_is_flattened_to_grey() -> None:
    """Half transparent black is middle grey."""
    flat = flatten_on_white(Image.new("LA", (1, 1), (0, 128)))
    assert (flat.mode, flat.getpixel((0, 0))) == ("L", 127)


def test_alpha_that_hides_nothing_is_dropped() -> None:
    """Screenshots have one, and encoders pay for it."""
    assert drop_opaque_alpha(Image.new("RGBA", (2, 2), (1, 2, 3, 255))).mode == "RGB"
    assert drop_opaque_alpha(Image.new("LA", (2, 2), (1, 254))).mode == "LA"


def test_an_image_without_the_palette_that_its_pixels_mean_is_unreadable() -> None:
    """Found by fuzzing: a PNG of numbered colours needs no palette to be opened."""
    without = hostile.png(8, 8, kind=3)
    with pytest.raises(ImageRejected, match="no palette") as caught:
        expand(opened(without))
    assert caught.value.code == "unreadable"


def test_opacities_of_colours_that_are_not_there_are_passed_over() -> None:
    """Found by fuzzing: browsers show such a PNG, and Pillow fails on it."""
    palette = hostile.png_chunk(b"PLTE", bytes((10, 20, 30)) * 2)
    opacities = hostile.png_chunk(b"tRNS", bytes((128, 255, 255, 255)))
    assert expand(opened(hostile.png(8, 8, palette, opacities, kind=3))).getpixel((0, 0)) == (10, 20, 30, 128)


def test_a_second_header_that_contradicts_the_first_makes_an_image_unreadable() -> None:
    """Found by fuzzing: Pillow then takes numbers of a palette for grey."""
    palette = hostile.png_chunk(b"PLTE", bytes((10, 20, 30)) * 2)
    header = hostile.png(8, 8)[8:33]
    with pytest.raises(ImageRejected, match="contradict") as caught:
        expand(opened(hostile.png(8, 8, palette, header, kind=3)))
    assert caught.value.code == "unreadable"


def opened(data: bytes) -> Image.Image:
    """Open a file as the decoder does."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image

"""What Pillow gets wrong unless it is told otherwise: its default is shown failing beside the engine's print.

Tests whose docstring names no default are about what Pillow gets right, or has no default for, and is to stay so.
"""

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from PIL import ExifTags, Image, ImageChops, ImageCms, ImageFilter

from services.worker.imaging.developing import develop_image
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from shared.recipes import AvifOutput, Box, GifOutput, JpegOutput, OutputSpec, PngOutput, Recipe, RecipePart, WebpOutput
from shared.recipes.steps import AutoOrient, Blur

Encoded = Callable[..., bytes]

EXACT = PngOutput(name="p")
OUTPUTS: tuple[OutputSpec, ...] = (
    JpegOutput(name="p"),
    WebpOutput(name="p"),
    AvifOutput(name="p"),
    EXACT,
    GifOutput(name="p"),
    WebpOutput(name="p", animation="keep"),
    GifOutput(name="p", animation="keep"),
)


def developed(data: bytes, output: OutputSpec = EXACT, *steps: RecipePart, metadata: str = "strip") -> bytes:
    """Give the one print of a recipe."""
    recipe = {"name": "r", "steps": steps, "outputs": (output,), "metadata": metadata}
    return develop_image(ImageBytes(data), Recipe.model_validate(recipe), ImageLimits()).outputs[0].data


def opened(data: bytes) -> Image.Image:
    """Decode a file."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def pixel(image: Image.Image, x: int = 0, y: int = 0) -> tuple[int, ...]:
    """Give one pixel, grey or colour."""
    value = image.getpixel((x, y))
    return value if isinstance(value, tuple) else (int(value or 0),)


def png_chunk(name: bytes, content: bytes) -> bytes:
    """Put a PNG chunk together."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


@pytest.mark.parametrize("space", ["display_p3", "adobe_rgb"])
@pytest.mark.parametrize("encoder", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_wide_gamut_colours_look_the_same_in_srgb(
    encoded: Encoded, request: pytest.FixtureRequest, space: str, encoder: str
) -> None:
    """Against LittleCMS's own conversion; the default keeps the numbers, which look paler without the profile."""
    profile: bytes = request.getfixturevalue(space)
    original = Image.new("RGB", (32, 32), (90, 180, 70))
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    expected = ImageCms.profileToProfile(original, source, ImageCms.createProfile("sRGB"))
    assert expected is not None
    data = encoded(original, encoder, icc_profile=profile, quality=100)
    print_image = opened(developed(data))
    by_default = opened(encoded(opened(data), "JPEG", quality=100))
    assert max(abs(a - b) for a, b in zip(pixel(print_image, 9, 9), pixel(expected), strict=True)) <= 4
    assert max(abs(a - b) for a, b in zip(pixel(by_default, 9, 9), pixel(expected), strict=True)) > 20
    assert print_image.info.get("icc_profile") is None


def test_ink_goes_through_its_profile(encoded: Encoded, dull_cmyk: bytes) -> None:
    """The default takes full cyan for the brightest blue-green that a screen has."""
    data = encoded(Image.new("CMYK", (32, 32), (255, 0, 0, 0)), "JPEG", icc_profile=dull_cmyk, quality=100)
    by_default = pixel(opened(data).convert("RGB"))
    print_pixel = pixel(opened(developed(data)))
    assert max(abs(a - b) for a, b in zip(print_pixel, by_default, strict=True)) > 50


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": "4:2:0"}])
def test_ink_is_inverted_only_where_adobes_marker_says_so(encoded: Encoded, options: dict[str, Any]) -> None:
    """The default takes every file for an inverted one: a white sheet without the marker comes out black."""
    sheet = Image.new("CMYK", (64, 64))
    sheet.paste((0, 255, 255, 0), (0, 0, 32, 64))
    with_marker = encoded(sheet, "JPEG", quality=95, **options)
    inverted = encoded(ImageChops.invert(sheet), "JPEG", quality=95, **options)
    marker = inverted.index(b"\xff\xee\0\x0eAdobe")
    without = inverted[:marker] + inverted[marker + 16 :]
    assert max(pixel(opened(without).convert("RGB"), 50, 9)) < 5
    for data in (with_marker, without):
        for output in (EXACT, PngOutput(name="p", fit=Box(width=16, height=16))):
            print_image = opened(developed(data, output))
            red, white = (pixel(print_image, print_image.width * part // 8, 3) for part in (1, 7))
            assert min(white) > 250
            assert red[0] > 250
            assert max(red[1:]) < 5


def test_16_bit_grey_is_scaled_and_not_clamped(encoded: Encoded) -> None:
    """The default makes all that is lighter than the darkest 0.4 % white."""
    data = encoded(Image.new("I;16", (8, 8), 0x4000), "PNG")
    assert pixel(opened(data).convert("L")) == (255,)
    assert pixel(opened(developed(data))) == (0x40,)


def test_16_bit_colours_keep_their_upper_half() -> None:
    """All that a print can show of them."""
    row = b"\0" + struct.pack(">3H", 0x4000, 0x80FF, 0xC000) * 2
    header = struct.pack(">2I5B", 2, 2, 16, 2, 0, 0, 0)
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(row * 2)) + png_chunk(b"IEND", b"")
    assert pixel(opened(developed(b"\x89PNG\r\n\x1a\n" + chunks))) == (0x40, 0x80, 0xC0)


@pytest.mark.parametrize(("depth", "colours", "row", "transparent", "alpha"), [
    (1, 1, bytes([0b0101_0000]), (1,), (255, 0, 255, 0)),
    (2, 1, bytes([0b00_01_10_11]), (2,), (255, 255, 0, 255)),
    (4, 1, bytes([0x0F, 0x37]), (15,), (255, 0, 255, 255)),
    (8, 1, bytes([1, 15, 255, 240]), (15,), (255, 0, 255, 255)),
    (16, 1, struct.pack(">4H", 0x1234, 0x1235, 0x3412, 0), (0x1234,), (0, 255, 255, 255)),
    (8, 3, bytes([1, 2, 3, 3, 2, 1] * 2), (1, 2, 3), (0, 255, 0, 255)),
    (16, 3, struct.pack(">12H", 0x1234, 0x5678, 0x9ABC, 0x3412, 0x7856, 0xBC9A, *[0] * 6), (0x1234, 0x5678, 0x9ABC),
     (0, 255, 255, 255)),
])  # fmt: skip
@pytest.mark.parametrize("frames", [1, 2])
def test_the_colour_that_a_png_names_is_transparent_at_every_depth(
    depth: int, colours: int, row: bytes, transparent: tuple[int, ...], alpha: tuple[int, ...], frames: int
) -> None:
    """The default compares the file's number with pixels of 8 bits, so another colour is transparent, or none."""
    header = struct.pack(">2I5B", 4, 1, depth, 2 if colours > 1 else 0, 0, 0, 0)
    named = png_chunk(b"tRNS", struct.pack(f">{colours}H", *transparent))
    pixels = zlib.compress(b"\0" + row)
    timed = [png_chunk(b"fcTL", struct.pack(">5I2H2B", number, 4, 1, 0, 0, 1, 10, 0, 0)) for number in (0, 1)]
    still = (named, png_chunk(b"IDAT", pixels))
    moving = (named, png_chunk(b"acTL", struct.pack(">2I", 2, 0)), timed[0], png_chunk(b"IDAT", pixels), timed[1],
              png_chunk(b"fdAT", struct.pack(">I", 2) + pixels))  # fmt: skip
    chunks = (png_chunk(b"IHDR", header), *(still if frames == 1 else moving), png_chunk(b"IEND", b""))
    data = b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
    by_default = opened(data).convert("RGBA").getchannel("A")
    print_image = opened(developed(data, WebpOutput(name="p", lossless=True, animation="keep")))
    assert (tuple(by_default.tobytes()) == alpha) == (depth in {1, 8})
    assert getattr(opened(data), "n_frames", 1) == frames
    assert tuple(print_image.convert("RGBA").getchannel("A").tobytes()) == alpha


@pytest.mark.parametrize("mode", ["1", "P"])
def test_line_art_is_resampled_and_not_thinned_out(encoded: Encoded, mode: str) -> None:
    """The default drops seven of eight lines: what is left of a fine pattern is black or white by chance."""
    stripes = Image.new(mode, (256, 64))
    if mode == "P":
        stripes.putpalette([0, 0, 0, 255, 255, 255])
    for x in range(0, 256, 2):
        stripes.paste(255 if mode == "1" else 1, (x, 0, x + 1, 64))
    data = encoded(stripes, "PNG")
    by_default = opened(data).resize((32, 8), Image.Resampling.LANCZOS).convert("L")
    print_image = opened(developed(data, PngOutput(name="p", fit=Box(width=32, height=32)))).convert("L")
    assert set(by_default.tobytes()) <= {0, 255}
    assert all(110 < grey < 145 for grey in print_image.crop((1, 1, 31, 7)).tobytes())


def test_hidden_colours_do_not_bleed_through_a_blur(encoded: Encoded) -> None:
    """The default blurs red, which nobody sees, into the visible green beside it."""
    image = Image.new("RGBA", (64, 64), (255, 0, 0, 0))
    image.paste((0, 255, 0, 255), (0, 0, 32, 64))
    by_default = image.filter(ImageFilter.GaussianBlur(5))
    print_image = opened(developed(encoded(image, "PNG"), EXACT, Blur(radius=5)))
    assert pixel(by_default, 32, 32)[0] > 100
    assert pixel(print_image, 32, 32)[0] == 0
    assert 60 < pixel(print_image, 32, 32)[3] < 200


def test_hidden_colours_do_not_bleed_through_a_resize(encoded: Encoded) -> None:
    """They would if the channels were resampled one by one, as happens where alpha is handled apart."""
    image = Image.new("RGBA", (64, 64), (255, 0, 0, 0))
    image.paste((0, 255, 0, 255), (0, 0, 33, 64))
    apart = Image.merge("RGBA", [band.resize((8, 8), Image.Resampling.LANCZOS) for band in image.split()])
    print_image = opened(developed(encoded(image, "PNG"), PngOutput(name="p", fit=Box(width=8, height=8))))
    assert pixel(apart, 4, 4)[0] > 100
    assert all(pixel(print_image, x, 4)[0] == 0 for x in range(8) if pixel(print_image, x, 4)[3])


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_becomes_white_in_a_jpeg(encoded: Encoded, mode: str) -> None:
    """The default refuses it, or shows the colours that were hidden."""
    hidden = Image.new("RGBA", (16, 16), (200, 0, 0, 0)).convert("LA" if mode == "LA" else "RGBA")
    image = hidden.convert("P") if mode == "P" else hidden
    data = encoded(image, "PNG", **({"transparency": 0} if mode == "P" else {}))
    with pytest.raises(OSError, match="cannot write mode"):
        opened(data).save(io.BytesIO(), "JPEG")
    assert pixel(opened(developed(data, JpegOutput(name="p"))).convert("RGB"), 8, 8) == (255, 255, 255)


def secretive(encoded: Encoded, encoder: str) -> bytes:
    """An original with all the metadata that its format has a place for, all of it secret, and something behind."""
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = "SECRET"
    exif[ExifTags.Base.Artist] = "SECRET"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSMapDatum] = "SECRET"
    frames = [Image.effect_noise((40, 30), 60 + number).convert("RGB") for number in range(3)]
    options = {"comment": b"SECRET"} if encoder == "GIF" else {"exif": exif, "xmp": b"<x:xmpmeta>SECRET</x:xmpmeta>"}
    if encoder == "JPEG":
        data = encoded(frames[0], encoder, comment=b"SECRET", **options)
        thumbnail = b"JFXX\0\x13\x01\x01SECRET"
        photoshop = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + struct.pack(">I", 6) + b"SECRET"
        segments = ((0xE0, thumbnail), (0xED, photoshop), (0xEB, b"SECRET"))
        more = b"".join(struct.pack(">2BH", 0xFF, code, len(part) + 2) + part for code, part in segments)
        return data[:20] + more + data[20:] + b"SECRET"
    if encoder == "PNG":
        data = encoded(frames[0], encoder, exif=exif)
        texts = png_chunk(b"tEXt", b"Comment\0SECRET") + png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0SECRET")
        return data[:33] + texts + data[33:] + b"SECRET"
    return encoded(frames[0], encoder, save_all=True, append_images=frames[1:], **options)


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: f"{output.format}-{getattr(output, 'animation', '')}")
@pytest.mark.parametrize("encoder", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_nothing_private_reaches_a_print_of_any_format(encoded: Encoded, encoder: str, output: OutputSpec) -> None:
    """Comments, EXIF, XMP, IPTC, previews, text chunks, and what is behind the end."""
    data = secretive(encoded, encoder)
    assert b"SECRET" in data
    print_data = developed(data, output, AutoOrient())
    assert b"SECRET" not in print_data
    assert not opened(print_data).getexif()
    assert {"comment", "xmp", "exif", "icc_profile", "photoshop", "Comment"}.isdisjoint(opened(print_data).info)


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: f"{output.format}-{getattr(output, 'animation', '')}")
@pytest.mark.parametrize("encoder", ["JPEG", "WEBP"])
def test_copyright_is_kept_on_request_and_nothing_else(encoded: Encoded, encoder: str, output: OutputSpec) -> None:
    """In every format that has a place for it, and in letters beyond ASCII as cameras write them."""
    exif = Image.Exif()
    exif[ExifTags.Base.Copyright] = "© 2026 김사진".encode()
    exif[ExifTags.Base.Artist] = "Kim Sajin\x07"
    exif[ExifTags.Base.ImageDescription] = "SECRET"
    exif[ExifTags.Base.Orientation] = 6
    frames = [Image.effect_noise((40, 30), 60 + number).convert("RGB") for number in range(3)]
    options = {"save_all": True, "append_images": frames[1:]} if encoder == "WEBP" else {}
    print_data = developed(
        encoded(frames[0], encoder, exif=exif, **options), output, AutoOrient(), metadata="copyright"
    )
    kept = {} if output.format == "gif" else {"Artist": "Kim Sajin", "Copyright": "© 2026 김사진"}
    found = {ExifTags.Base(tag).name: str(value) for tag, value in opened(print_data).getexif().items()}
    assert {name: value.encode("latin-1").decode() for name, value in found.items()} == kept
    assert b"SECRET" not in print_data


@pytest.mark.parametrize(("written", "kept"), [
    ("© 2026 김선".encode(), "© 2026 김선".encode()),  # its last byte is a space in Latin-1
    (("선" * 1500).encode(), ("선" * 1000).encode()),
    (" André Grüß ".encode("latin-1"), "André Grüß".encode("latin-1")),
    ("김사진".encode("cp949"), "김사진".encode("cp949")),
])  # fmt: skip
def test_copyright_is_kept_in_its_own_encoding(encoded: Encoded, written: bytes, kept: bytes) -> None:
    """And whole: Pillow reads every one as Latin-1."""
    exif = Image.Exif()
    exif[ExifTags.Base.Copyright] = written
    data = encoded(Image.new("RGB", (8, 8)), "JPEG", exif=exif)
    found = opened(developed(data, JpegOutput(name="p"), metadata="copyright")).getexif()[ExifTags.Base.Copyright]
    assert found.encode("latin-1") == kept


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: f"{output.format}-{getattr(output, 'animation', '')}")
@pytest.mark.parametrize("encoder", ["JPEG", "GIF"])
def test_the_same_original_gives_the_same_bytes(encoded: Encoded, encoder: str, output: OutputSpec) -> None:
    """A second processing overwrites a print with itself."""
    data = secretive(encoded, encoder)
    assert developed(data, output, AutoOrient(), Blur(radius=1)) == developed(
        data, output, AutoOrient(), Blur(radius=1)
    )

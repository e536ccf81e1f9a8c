import io
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import ExifTags, Image

from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.files.checks import check_size
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.pixels import decoding
from services.worker.imaging.pixels.decoding import Need, decode
from services.worker.imaging.sizes import Size, fitted_size
from shared.recipes import Box

Encoded = Callable[..., bytes]

LIMITS = ImageLimits()


def png_chunk(name: bytes, content: bytes) -> bytes:
    """Put a PNG chunk together."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def whole(size: Size) -> Size:
    """Every pixel is needed."""
    return size


def box(width: int, height: int) -> Need:
    """As much is needed as fits a box."""
    return lambda size: fitted_size(size, Box(width=width, height=height))


def rejection(data: bytes, limits: ImageLimits = LIMITS, need: Need = whole) -> str:
    """Give the code that the file is rejected with."""
    with pytest.raises(ImageRejected) as caught:
        decode(ImageBytes(data), limits, need, orient=True)
    return caught.value.code


def test_a_jpeg_is_decoded_no_larger_than_needed(encoded: Encoded, photograph: Image.Image) -> None:
    """DCT scaling gives an eighth, a quarter or half of the size at a fraction of the time."""
    decoded = decode(ImageBytes(encoded(photograph, "JPEG")), LIMITS, box(100, 100), orient=True)
    assert decoded.size == (640, 480)
    assert decoded.image.size == (160, 120)
    assert decoded.region == (0, 0, 160, 120)


def test_several_scans_and_many_pixels_are_not_held_together(
    encoded: Encoded, photograph: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then half the size will do if it is enough, though not by the usual margin; one scan costs no memory."""
    need = box(300, 300)
    progressive = encoded(photograph, "JPEG", progressive=True)
    much = len(progressive) + 7 * 640 * 480  # of each pixel 3 bytes of coefficients, and 4 when it is decoded
    assert decode(ImageBytes(progressive), LIMITS, need, orient=True).image.size == (640, 480)
    monkeypatch.setattr(decoding, "_MAX_HELD_BYTES", much - 1)
    assert decode(ImageBytes(progressive), LIMITS, need, orient=True).image.size == (320, 240)
    assert decode(ImageBytes(progressive), LIMITS, box(330, 330), orient=True).image.size == (640, 480)
    assert decode(ImageBytes(encoded(photograph, "JPEG")), LIMITS, need, orient=True).image.size == (640, 480)
    monkeypatch.setattr(decoding, "_MAX_HELD_BYTES", much)
    assert decode(ImageBytes(progressive), LIMITS, need, orient=True).image.size == (640, 480)


def test_a_jpeg_without_a_box_is_decoded_in_full(encoded: Encoded, photograph: Image.Image) -> None:
    """A print in full size needs every pixel."""
    assert decode(ImageBytes(encoded(photograph, "JPEG")), LIMITS, whole, orient=True).image.size == (640, 480)


def test_scaled_decoding_works_for_images_on_their_side(encoded: Encoded, photograph: Image.Image) -> None:
    """exif_transpose would load first; and the box has to be turned, or too few pixels are decoded."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    data = encoded(photograph, "JPEG", exif=exif)
    # Upright it is 480 x 640, so this box leaves half its size; unturned it would leave a quarter.
    decoded = decode(ImageBytes(data), LIMITS, box(240, 120), orient=True)
    assert decoded.orientation == 6
    assert decoded.image.size == (160, 120)
    assert decode(ImageBytes(data), LIMITS, box(240, 120), orient=False).orientation == 1


def test_a_phones_multi_picture_jpeg_is_a_jpeg(encoded: Encoded, photograph: Image.Image) -> None:
    """Pillow calls it MPO; only its first picture counts."""
    data = encoded(photograph, "MPO", save_all=True, append_images=[photograph.rotate(180)])
    assert Image.open(io.BytesIO(data)).format == "MPO"
    decoded = decode(ImageBytes(data), LIMITS, box(100, 100), orient=True)
    assert (decoded.format, decoded.image.size) == ("jpeg", (160, 120))


@pytest.mark.parametrize("encoder", ["JPEG", "PNG", "WEBP"])
def test_half_a_file_is_unreadable(encoded: Encoded, photograph: Image.Image, encoder: str) -> None:
    """Half an image is never passed off as a whole one."""
    data = encoded(photograph, encoder)
    assert rejection(data[: len(data) // 2]) == "unreadable"


@pytest.mark.parametrize("head", [b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF\x24\0\0\0WEBPVP8 "])
def test_a_beginning_with_nothing_behind_is_unreadable(head: bytes) -> None:
    """The right signature alone makes no image."""
    assert rejection(head + b"\0" * 100) == "unreadable"


def test_more_pixels_declared_than_allowed_are_rejected(encoded: Encoded, photograph: Image.Image) -> None:
    """Both Pillow's warning and its error end in the same code."""
    for encoder in ("JPEG", "PNG", "WEBP"):
        for factor in (1, 3):
            limits = ImageLimits(max_declared_pixels=(640 * 480 - 1) // factor)
            assert rejection(encoded(photograph, encoder), limits) == "too_many_pixels"


def test_a_file_larger_than_allowed_is_not_opened(encoded: Encoded, photograph: Image.Image) -> None:
    """The gateway sees to it; what comes another way ends here."""
    data = encoded(photograph, "JPEG")
    assert rejection(data, ImageLimits(max_file_bytes=len(data) - 1)) == "file_too_large"
    assert decode(ImageBytes(data), ImageLimits(max_file_bytes=len(data)), whole, orient=True).size == (640, 480)


def test_only_pixels_that_are_decoded_count_for_memory(encoded: Encoded, photograph: Image.Image) -> None:
    """A 200-megapixel JPEG of a phone is fine where a thumbnail is wanted; a PNG has no scaled decoding."""
    limits = ImageLimits(max_decoded_pixels=160 * 120)
    need = box(100, 100)
    assert decode(ImageBytes(encoded(photograph, "JPEG")), limits, need, orient=True).image.size == (160, 120)
    assert rejection(encoded(photograph, "JPEG"), limits) == "too_many_pixels"
    assert rejection(encoded(photograph, "PNG"), limits, need) == "too_many_pixels"


def test_a_side_longer_than_allowed_is_rejected(encoded: Encoded) -> None:
    """Few pixels can still be a very long row."""
    assert rejection(encoded(Image.new("L", (101, 1)), "PNG"), ImageLimits(max_side=100)) == "too_many_pixels"


def test_pixels_are_counted_without_pillow_too() -> None:
    """It counts those of a file's header, and not of every size that an image may take later."""
    check_size((4, 3), 12, ImageLimits())
    with pytest.raises(ImageRejected) as rejected:
        check_size((4, 3), 11, ImageLimits())
    assert rejected.value.code == "too_many_pixels"


def test_a_small_file_that_claims_a_huge_image_is_rejected() -> None:
    """The header is enough: nothing is decoded."""
    header = png_chunk(b"IHDR", struct.pack(">2I5B", 30_000, 30_000, 8, 2, 0, 0, 0))
    assert (
        rejection(b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", b"") + png_chunk(b"IEND", b""))
        == "too_many_pixels"
    )


def test_compressed_text_in_a_png_does_not_fill_the_memory(encoded: Encoded, photograph: Image.Image) -> None:
    """Pillow alone would take 64 MiB of it."""
    data = encoded(photograph, "PNG")
    text = png_chunk(b"zTXt", b"note\0\0" + zlib.compress(b" " * 1_000_000))
    assert decode(ImageBytes(data[:33] + text * 7 + data[33:]), LIMITS, whole, orient=True).size == (640, 480)
    assert rejection(data[:33] + text * 10 + data[33:]) == "too_much_metadata"
    large = png_chunk(b"zTXt", b"note\0\0" + zlib.compress(b" " * 5_000_000))
    assert rejection(data[:33] + large + data[33:]) == "too_much_metadata"


def test_a_scan_bomb_is_rejected_before_it_is_opened(encoded: Encoded, photograph: Image.Image) -> None:
    """The limit of scans reaches the decoder's door."""
    data = encoded(photograph, "JPEG", progressive=True)
    assert rejection(data, ImageLimits(max_jpeg_scans=3)) == "too_many_scans"


def test_turned_images_other_than_jpeg_are_recognised(encoded: Encoded, photograph: Image.Image) -> None:
    """PNG and WebP carry the same tag."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 8
    for encoder in ("PNG", "WEBP"):
        assert decode(ImageBytes(encoded(photograph, encoder, exif=exif)), LIMITS, whole, orient=True).orientation == 8


def test_a_first_frame_that_stretches_a_gif_is_measured_with_its_canvas() -> None:
    """One pixel far below a canvas of 48 x 40."""
    frame = b"\x2c" + struct.pack("<4HB", 0, 33_000, 1, 1, 0) + b"\x02\x02\x44\x01\x00;"
    gif = b"GIF89a" + struct.pack("<2H", 48, 40) + b"\x80\0\0" + bytes(6) + frame
    assert rejection(gif) == "too_many_pixels"

"""The size that the first bytes of an image announce."""

import io
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from shared.image_sizes import HEADER_BYTES, announced_size
from shared.image_types import ImageFormat

BEGINNINGS: dict[ImageFormat, bytes] = {
    "jpeg": b"\xff\xd8\xff\xe0",
    "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "gif": b"GIF89a",
    "webp": b"RIFF\0\0\0\0WEBP",
    "avif": b"\0\0\0\x1cftypavif",
}


def encoded(image_format: str, size: tuple[int, int], mode: str = "RGB", **options: object) -> bytes:
    """A real file."""
    file = io.BytesIO()
    Image.new(mode, size).save(file, image_format, **options)
    return file.getvalue()


@pytest.mark.parametrize("size", [(1, 1), (640, 480), (3, 1000), (4097, 2)])
@pytest.mark.parametrize("image_format", list(BEGINNINGS))
def test_the_size_of_a_real_file_is_found(image_format: ImageFormat, size: tuple[int, int]) -> None:
    """In the first 64 KiB, whatever follows."""
    data = encoded(image_format, size)
    assert announced_size(data[:HEADER_BYTES], image_format) == size
    assert announced_size(data + bytes(10), image_format) == size


def test_every_kind_of_a_format_is_read() -> None:
    """Progressive JPEGs, lossless and extended WebPs."""
    assert announced_size(encoded("jpeg", (30, 20), progressive=True), "jpeg") == (30, 20)
    assert announced_size(encoded("webp", (300, 20), lossless=True), "webp") == (300, 20)
    assert announced_size(encoded("webp", (30, 200), "RGBA", exif=b"Exif\0\0II*\0"), "webp") == (30, 200)


def test_a_jpeg_may_have_much_before_its_size() -> None:
    """A preview and profiles; beyond 64 KiB nobody looks."""
    data = encoded("jpeg", (30, 20))
    segment = b"\xff\xe1" + pack(">H", 20_002) + bytes(20_000)
    assert announced_size(data[:2] + 3 * segment + b"\xff\xff\xff" + data[2:], "jpeg") == (30, 20)
    assert announced_size(data[:2] + 4 * segment + data[2:], "jpeg") is None


def test_of_an_avif_with_several_sizes_the_largest_counts() -> None:
    """A thumbnail has one, too."""
    sizes = b"".join(b"\0\0\0\x14ispe\0\0\0\0" + pack(">II", *size) for size in ((160, 120), (4000, 3000), (8, 8)))
    assert announced_size(BEGINNINGS["avif"] + sizes, "avif") == (4000, 3000)


@pytest.mark.parametrize(
    ("data", "image_format"),
    [
        (b"\xff\xd8\xff\xc0\0\x11\x08\0\0\0\x05", "jpeg"),
        (b"\xff\xd8\xff\xda\0\x08", "jpeg"),
        (b"\xff\xd8\0\0\0\0\0\0", "jpeg"),
        (b"\xff\xd8" + b"\xff\xe0\0\0" * 20_000, "jpeg"),
        (b"\xff\xd8" + b"\xff" * HEADER_BYTES, "jpeg"),
        (BEGINNINGS["png"] + b"\0\0\0\0\0\0\0\x05", "png"),
        (BEGINNINGS["png"] + b"\xff\xff\xff\xff\xff\xff\xff\xff", "png"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIDAT" + bytes(20), "png"),
        (b"GIF89a\0\0\0\0", "gif"),
        (b"RIFF\0\0\0\0WEBPVP8X", "webp"),
        (b"RIFF\0\0\0\0WEBPWHAT" + bytes(30), "webp"),
        (b"\0\0\0\x1cftypavif", "avif"),
    ],
)
def test_a_damaged_or_lying_header_tells_nothing(data: bytes, image_format: ImageFormat) -> None:
    """No sides of 0, none that no document could hold, and no walk without an end."""
    assert announced_size(data, image_format) is None


@given(st.sampled_from(list(BEGINNINGS)), st.binary(max_size=2000))
def test_no_bytes_raise(image_format: ImageFormat, rest: bytes) -> None:
    """They come from anybody."""
    size = announced_size(BEGINNINGS[image_format] + rest, image_format)
    assert size is None or all(0 < side < 2**31 for side in size)


@pytest.mark.parametrize("image_format", list(BEGINNINGS))
def test_no_beginning_of_a_file_raises(image_format: ImageFormat) -> None:
    """An upload may be cut off anywhere."""
    data = encoded(image_format, (17, 9))
    for length in range(len(data)):
        assert announced_size(data[:length], image_format) in {None, (17, 9)}

"""The size in pixels that the first bytes of an image announce: nothing is decoded, and nothing is certain."""

import re
import struct
from collections.abc import Callable, Mapping
from itertools import islice

from shared.image_types import ImageFormat

HEADER_BYTES = 64 * 1024
"""So many first bytes are looked at; few photographs have more before their size."""

MAX_SIDE = 2**31 - 1
"""More than that is nonsense, and nothing that a document could hold."""

Size = tuple[int, int]
"""Width and height as stored, before the image is turned upright."""

_MAX_SEGMENTS = 500
_MAX_AVIF_SIZES = 16

_SOF_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
_IMAGE_BEGINS = 0xDA
_MARK = 0xFF

_AVIF_SIZE = re.compile(rb"ispe\x00{4}(?=.{8})", re.DOTALL)


def announced_size(header: bytes, image_format: ImageFormat) -> Size | None:
    """Give the size that an image's header announces; None if it is damaged, odd, or too far behind other data."""
    try:
        size = _READERS[image_format](header[:HEADER_BYTES])
    except struct.error:
        return None
    return size if size and all(1 <= side <= MAX_SIDE for side in size) else None


def _jpeg(header: bytes) -> Size | None:
    """Go from segment to segment up to the frame header."""
    place = 2
    for _ in range(_MAX_SEGMENTS):
        mark, marker = struct.unpack_from(">BB", header, place)
        if mark != _MARK or marker == _IMAGE_BEGINS:
            return None
        if marker in _SOF_MARKERS:
            height, width = struct.unpack_from(">HH", header, place + 5)
            return width, height
        if marker == _MARK:
            place += 1  # before a marker there may be any number of them
        elif marker in _WITHOUT_LENGTH:
            place += 2
        else:
            place += 2 + struct.unpack_from(">H", header, place + 2)[0]
    return None


def _png(header: bytes) -> Size | None:
    if header[12:16] != b"IHDR":
        return None
    width, height = struct.unpack_from(">II", header, 16)
    return width, height


def _gif(header: bytes) -> Size | None:
    width, height = struct.unpack_from("<HH", header, 6)
    return width, height


def _webp(header: bytes) -> Size | None:
    kind = header[12:16]
    if kind == b"VP8 " and header[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", header, 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", header, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        low_width, high_width, low_height, high_height = struct.unpack_from("<HBHB", header, 24)
        return (high_width << 16 | low_width) + 1, (high_height << 16 | low_height) + 1
    return None


def _avif(header: bytes) -> Size | None:
    """Give the largest of the sizes: a thumbnail or a tile has one of its own."""
    places = islice((found.end() for found in _AVIF_SIZE.finditer(header)), _MAX_AVIF_SIZES)
    sizes = (struct.unpack_from(">II", header, place) for place in places)
    return max(((width, height) for width, height in sizes), key=lambda size: size[0] * size[1], default=None)


_READERS: Mapping[ImageFormat, Callable[[bytes], Size | None]] = {
    "jpeg": _jpeg,
    "png": _png,
    "gif": _gif,
    "webp": _webp,
    "avif": _avif,
}

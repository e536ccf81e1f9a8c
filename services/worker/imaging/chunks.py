"""Stop files that are cut into millions of pieces: Pillow walks over them one by one, in Python."""

from collections.abc import Iterator
from itertools import islice
from typing import Literal

from services.worker.imaging.failures import ImageRejected

_MARKER = 0xFF
_START_OF_SCAN = 0xDA
# These stand alone: TEM, restarts, start and end of image; all others are followed by their length.
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xDA)})


def check_chunks(data: bytes, max_chunks: int) -> None:
    """Raise ImageRejected (`too_many_chunks`) if a JPEG, PNG or WebP has more segments or chunks than that."""
    if sum(1 for _ in islice(_chunks(data), max_chunks + 1)) > max_chunks:
        raise ImageRejected(
            "too_many_chunks", f"This file is cut into more than {max_chunks:,} pieces, which no camera does."
        )


def _chunks(data: bytes) -> Iterator[int]:
    """Give the position of each piece, as far as the next can be found."""
    if data.startswith(b"\xff\xd8"):
        return _jpeg_segments(data)
    if data.startswith(b"\x89PNG"):
        return _regular_chunks(data, 8, "big", length_at=0, around=12)
    if data[8:12] == b"WEBP":
        return _regular_chunks(data, 12, "little", length_at=4, around=8)
    return iter(())


def _regular_chunks(
    data: bytes, position: int, order: Literal["big", "little"], *, length_at: int, around: int
) -> Iterator[int]:
    while position < len(data):
        yield position
        start = position + length_at
        position += around + int.from_bytes(data[start : start + 4], order)


def _jpeg_segments(data: bytes) -> Iterator[int]:
    """Give the position of each segment before the first scan, and of each stray byte between them."""
    position = 2
    while position + 1 < len(data):
        yield position
        code = data[position + 1]
        if data[position] != _MARKER or code in {0x00, _MARKER}:
            position += 1
        elif code == _START_OF_SCAN:
            return
        else:
            position += 2 + (0 if code in _WITHOUT_LENGTH else int.from_bytes(data[position + 2 : position + 4], "big"))

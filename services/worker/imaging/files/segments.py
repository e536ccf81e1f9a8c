"""Stop files that are cut into millions of pieces: Pillow walks over them one by one, in Python."""

from collections.abc import Iterator
from itertools import islice
from typing import Literal

from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.files.gif_blocks import gif_blocks
from services.worker.imaging.files.jpeg_frames import jpeg_segments
from shared.failure_codes import FailureCode


def check_chunks(data: bytes, max_chunks: int) -> None:
    """Raise ImageRejected (`too_many_chunks`) if a file has more pieces than that.

    These are the segments of a JPEG, the chunks of a PNG or WebP, the extensions of a GIF.
    """
    if sum(1 for _ in islice(_chunks(data), max_chunks + 1)) > max_chunks:
        raise ImageRejected.because(
            FailureCode.TOO_MANY_CHUNKS, f"This file is cut into more than {max_chunks:,} pieces, which no camera does."
        )


def _chunks(data: bytes) -> Iterator[int]:
    """Give the position of each piece, as far as the next can be found."""
    if data.startswith(b"\xff\xd8"):
        return jpeg_segments(data)
    if data.startswith(b"\x89PNG"):
        return _regular_chunks(data, 8, "big", length_at=0, around=12)
    if data[8:12] == b"WEBP":
        return _regular_chunks(data, 12, "little", length_at=4, around=8)
    if data.startswith(b"GIF8"):
        return (position for position, is_frame in gif_blocks(data) if not is_frame)  # frames have limits of their own
    return iter(())


def _regular_chunks(
    data: bytes, position: int, order: Literal["big", "little"], *, length_at: int, around: int
) -> Iterator[int]:
    while position < len(data):
        yield position
        start = position + length_at
        position += around + int.from_bytes(data[start : start + 4], order)

"""Decode a JPEG's pixels and notice missing ones: libjpeg fills them up with grey, and Pillow keeps its warnings.

libjpeg asks for more data as long as it has no end marker before it. So each scan is given without what follows it,
and then bits that no encoder writes, one byte at a time: a decoder that has all pixels passes over each of them, and
one that lacks some waits for more. This costs nothing beside the decoding itself.
"""

from collections.abc import Iterable
from itertools import repeat
from typing import Any

from PIL import Image, ImageFile

from services.worker.imaging.files.jpeg_frames import is_arithmetic
from services.worker.imaging.files.jpeg_scans import find_scans

_LOOKAHEAD_BYTES = 8
"""So many may libjpeg want to see beyond those that it needs."""

_PROBE_BYTES = 24
"""Three times what its bit buffer holds, so a decoder that lacks anything has to wait in between."""

_ONES = b"\xff\x00"
"""Eight bits of 1; a code of ones alone is never assigned."""


def load_jpeg(image: ImageFile.ImageFile, data: bytes) -> bool:
    """Decode the pixels of an opened JPEG that has an end marker; False if data was left over, so some are wrong.

    Raises OSError where pixels are missing.
    """
    image.load_prepare()
    tile = image.tile[0]
    decoder = Image._getdecoder(image.mode, tile.codec_name, tile.args, image.decoderconfig)  # noqa: SLF001 - load() hides how much is used
    try:
        decoder.setimage(image.im, tile.extents)
        sound = _decode(_Feed(decoder), data)
    finally:
        decoder.cleanup()
    # Pillow would decode the image again for the next step.
    image.tile = []
    return sound


class _Feed:
    """A decoder and what it has not used yet of what it was given."""

    def __init__(self, decoder: Any) -> None:
        self._decoder = decoder
        self._unused = b""
        self.is_finished = False

    def give(self, piece: bytes | memoryview) -> bool:
        """Tell whether the decoder uses, or passes over, all that it has."""
        if self.is_finished:
            return True
        waiting = b"".join((self._unused, piece)) if self._unused else piece
        used, error = self._decoder.decode(waiting)
        if error < 0:
            raise OSError("its pixels cannot be decoded")
        self.is_finished = used < 0
        self._unused = b"" if self.is_finished else bytes(waiting[used:])
        return not self._unused

    def give_each(self, pieces: Iterable[bytes | memoryview]) -> bool:
        """Tell whether each piece is used at once."""
        # A list, as `all` alone would stop at the first piece that is not used.
        used = [self.give(piece) for piece in pieces]
        return all(used)


def _decode(feed: _Feed, data: bytes) -> bool:
    view = memoryview(data)
    if is_arithmetic(data):
        # The arithmetic decoder cannot wait, and takes what is missing for zeros, which its encoder leaves out.
        feed.give(view)
        return True
    start, sound = 0, True
    for end in (scan.end for scan in find_scans(data)):
        last = max(start, end - _PROBE_BYTES)
        feed.give(view[start:last])
        sound = not feed.give_each(view[at : at + 1] for at in range(last, end)) and sound
        feed.give_each(repeat(_ONES, _LOOKAHEAD_BYTES))
        if not feed.give_each(repeat(_ONES, _PROBE_BYTES)):
            raise OSError("some of its pixels are missing")
        start = end
        if feed.is_finished:
            break
    feed.give(view[start:])
    if not feed.is_finished:
        raise OSError("its end is missing")
    return sound

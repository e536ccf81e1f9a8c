"""Decode a JPEG's pixels and notice missing ones: libjpeg fills them up with grey, and Pillow keeps its warnings.

libjpeg asks for more data as long as it has no end marker before it. So each scan is given without what follows it,
and then bits that no encoder writes, one byte at a time: a decoder that has all pixels passes over each of them, and
one that lacks some waits for more. This costs nothing beside the decoding itself.
"""

from collections.abc import Iterable
from itertools import pairwise, repeat
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

_FILLING = b"\x55" * 64
"""Bits that become pixels of some kind."""

_LEFT_OUT = bytes(5)
"""More zeros than an arithmetic encoder leaves out at the end of a scan."""

_LAST_ROWS = 64


def load_jpeg(image: ImageFile.ImageFile, data: bytes, *, is_cut: bool = False) -> bool:
    """Decode the pixels of an opened JPEG that has an end marker; False if data was left over, so some are wrong.

    `is_cut`: whether the marker was put there. Raises OSError where pixels are missing.
    """
    image.load_prepare()
    # Pillow would decode the image again for the next step.
    tile, image.tile = image.tile[0], []
    if not (is_cut or is_arithmetic(data)):
        return _load(image, tile, data)
    # The last pixels of what is whole are the same whatever is behind its data.
    _load(image, tile, _filled(data), is_probed=False)
    filled = _last_rows(image)
    sound = _load(image, tile, data)
    if _last_rows(image) != filled:
        raise OSError("some of its pixels are missing")
    return sound


def _filled(data: bytes) -> bytes:
    ends = [0, *(scan.end for scan in find_scans(data))]
    # What fills up before a marker would be half of another one.
    pieces = [data[start:end].rstrip(b"\xff") for start, end in pairwise(ends)]
    if is_arithmetic(data):
        pieces = [piece.rstrip(b"\0") + _LEFT_OUT for piece in pieces]
    return b"".join(piece + _FILLING for piece in pieces) + data[ends[-1] :]


def _last_rows(image: Image.Image) -> bytes:
    return image.crop((0, max(0, image.height - _LAST_ROWS), *image.size)).tobytes()


def _load(image: ImageFile.ImageFile, tile: Any, data: bytes, *, is_probed: bool = True) -> bool:
    decoder = Image._getdecoder(image.mode, tile.codec_name, tile.args, image.decoderconfig)  # noqa: SLF001 - load() hides how much is used
    try:
        decoder.setimage(image.im, tile.extents)
        return _decode(_Feed(decoder), data, is_probed=is_probed)
    finally:
        decoder.cleanup()


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


def _decode(feed: _Feed, data: bytes, *, is_probed: bool) -> bool:
    view = memoryview(data)
    if not is_probed or is_arithmetic(data):
        # The arithmetic decoder cannot wait, and takes what is missing for zeros.
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

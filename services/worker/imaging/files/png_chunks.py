"""Walk over a PNG's chunks, and leave out what cannot be trusted and is not needed for the pixels."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_SIGNATURE_BYTES = 8
_AROUND_BYTES = 12
"""Length, name and checksum."""

_ANIMATION = frozenset({b"acTL", b"fcTL", b"fdAT"})
_ANCILLARY = 0x20
_LEAST_BYTES = {b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"pHYs": 9, b"acTL": 8, b"fcTL": 26, b"fdAT": 4}
_TRANSPARENT_BYTES = {0: 2, 2: 6}
"""Of the colour that is transparent, by the kind of pixels."""

_COLOUR_TYPE = 25
_COMPRESSED = frozenset({b"iCCP", b"zTXt"})


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk's name, and where it and its content begin and end."""

    name: bytes
    start: int
    end: int

    @property
    def content(self) -> slice:
        return slice(self.start + 8, self.end - 4)


def png_chunks(data: bytes) -> Iterator[Chunk]:
    """Give each chunk that is whole."""
    start = _SIGNATURE_BYTES
    while (end := start + _AROUND_BYTES + int.from_bytes(data[start : start + 4], "big")) <= len(data):
        yield Chunk(data[start + 4 : start + 8], start, end)
        start = end


def without_untrusted_chunks(data: bytes) -> bytes:
    """Leave out ancillary chunks that are damaged, as libpng does; the same object if there are none.

    Of an animation of which a part is left out, only the still image stays.
    """
    wrong = {chunk.start for chunk in png_chunks(data) if not _is_trusted(data, chunk)}
    if not wrong:
        return data
    is_still = any(chunk.start in wrong and chunk.name in _ANIMATION for chunk in png_chunks(data))
    left, kept = _SIGNATURE_BYTES, [data[:_SIGNATURE_BYTES]]
    for chunk in png_chunks(data):
        if chunk.start not in wrong and not (is_still and chunk.name in _ANIMATION):
            kept.append(data[chunk.start : chunk.end])
        left = chunk.end
    return b"".join([*kept, data[left:]])


def _is_trusted(data: bytes, chunk: Chunk) -> bool:
    if not chunk.name[0] & _ANCILLARY:
        return True  # Pillow judges those that the pixels need
    checksum = zlib.crc32(memoryview(data)[chunk.start + 4 : chunk.end - 4])
    return checksum == int.from_bytes(data[chunk.end - 4 : chunk.end], "big") and _is_well_formed(data, chunk)


def _is_well_formed(data: bytes, chunk: Chunk) -> bool:
    """Tell whether Pillow, which refuses the whole file otherwise, can read the chunk."""
    start, end = chunk.content.start, chunk.content.stop
    if chunk.name in _COMPRESSED:
        # Behind the name is the compression's method, of which there is only 0.
        return data[data.find(b"\0", start, end - 1) + 1] == 0
    kinds = _TRANSPARENT_BYTES.get(data[_COLOUR_TYPE], 0) if chunk.name == b"tRNS" else 0
    return bool(end - start >= max(kinds, _LEAST_BYTES.get(chunk.name, 0)))

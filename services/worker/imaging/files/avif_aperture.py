"""Find which part of an AVIF its owner kept: its clean aperture (ISO/IEC 14496-12, 12.1.4), which Pillow ignores."""

import struct
from collections.abc import Iterable, Iterator
from fractions import Fraction

from services.worker.imaging.sizes import Part, Size

Box = tuple[bytes, memoryview]
"""A name and a content."""

_HEADER_BYTES = 8
_VERSION_BYTES = 4
_MAX_BOXES = 4096


def clean_aperture(data: bytes, size: Size) -> Part | None:
    """Give the part of the primary image, before it is turned, that is to be shown; None if that is all of it.

    Raises ValueError or struct.error where the file contradicts itself.
    """
    meta = _find(_boxes(memoryview(data)), b"meta")[_VERSION_BYTES:]
    parts = dict(_boxes(meta))
    if b"pitm" not in parts or b"iprp" not in parts:
        return None
    of_items = list(_boxes(parts[b"iprp"]))
    properties = list(_boxes(_find(of_items, b"ipco")))
    primary = _primary_item(parts[b"pitm"])
    for name, content in of_items:
        for number in _properties_of(content, primary) if name == b"ipma" else ():
            if 0 < number <= len(properties) and properties[number - 1][0] == b"clap":
                return _part(properties[number - 1][1], size)
    return None


def _boxes(data: memoryview) -> Iterator[Box]:
    """Give the name and content of each box; what has no size of its own goes to the end."""
    start = 0
    for _ in range(_MAX_BOXES):
        if start + _HEADER_BYTES > len(data):
            return
        length, name = struct.unpack_from(">I4s", data, start)
        head = _HEADER_BYTES
        if length == 1 and start + 2 * _HEADER_BYTES <= len(data):
            length, head = int.from_bytes(data[start + 8 : start + 16], "big"), 2 * _HEADER_BYTES
        end = start + length if length else len(data)
        if length and length < head:
            return
        yield name, data[start + head : end]
        start = end


def _find(boxes: Iterable[Box], wanted: bytes) -> memoryview:
    return next((content for name, content in boxes if name == wanted), memoryview(b""))


def _primary_item(content: memoryview) -> int:
    return int.from_bytes(content[_VERSION_BYTES : _VERSION_BYTES + (4 if content[0] else 2)], "big")


def _properties_of(content: memoryview, item: int) -> Iterator[int]:
    """Give the numbers, from 1, of an item's properties as an `ipma` box lists them."""
    item_bytes, number_bytes = (4 if content[0] else 2), 1 + (content[3] & 1)
    position = 2 * _VERSION_BYTES
    while position + item_bytes < len(content):
        found = int.from_bytes(content[position : position + item_bytes], "big")
        first = position + item_bytes + 1
        position = first + number_bytes * content[first - 1]
        if found == item:
            # The highest bit says whether the property is essential.
            mask = (1 << (8 * number_bytes - 1)) - 1
            numbers = content[first:position]
            for at in range(0, len(numbers), number_bytes):
                yield int.from_bytes(numbers[at : at + number_bytes], "big") & mask


def _part(content: memoryview, size: Size) -> Part:
    """Give the part in whole pixels: a width, a height and how far its middle is from the image's, as fractions."""
    width, height, across, down = (Fraction(*pair) for pair in struct.iter_unpack(">iI", content[:32]))
    left, top = (size[0] - width) / 2 + across, (size[1] - height) / 2 + down
    part = round(left), round(top), round(left + width), round(top + height)
    if not (0 <= part[0] < part[2] <= size[0] and 0 <= part[1] < part[3] <= size[1]):
        raise ValueError("the clean aperture is not inside the image")
    return part

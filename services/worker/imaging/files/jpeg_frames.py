"""Tell from a JPEG's header whether libjpeg reads it row by row, or holds all coefficients until the last scan."""

import math
from collections.abc import Iterator

_MARKER = 0xFF
_START_OF_SCAN = 0xDA
# These stand alone: TEM, restarts, start and end of image; all others are followed by their length.
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xDA)})
_SEQUENTIAL = frozenset({0xC0, 0xC1})
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_ARITHMETIC = frozenset(range(0xC9, 0xD0))
_TAKEN = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})
_BITS = 8
_SHORTEST_FRAME_BYTES = 13
_COEFFICIENT_BYTES = 2
_BLOCK = 8


def jpeg_segments(data: bytes) -> Iterator[int]:
    """Give the position of each segment up to the first scan, and of each stray byte between them."""
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


def is_read_in_one_pass(data: bytes) -> bool:
    """Tell whether libjpeg reads the first scan, row by row, and refuses any other.

    It does so where the first scan has every component, whole.
    """
    frame, scan = frame_and_scan(data)
    # The last two are the numbers of components, in the frame and in its first scan.
    return scan > 0 and data[frame + 1] in _SEQUENTIAL and data[frame + 9] == data[scan + 4]


def is_arithmetic(data: bytes) -> bool:
    """Tell whether the JPEG is arithmetic-coded instead of Huffman-coded."""
    frame, scan = frame_and_scan(data)
    return scan > 0 and data[frame + 1] in _ARITHMETIC


def unsupported_kind(data: bytes) -> str | None:
    """Name a kind of JPEG that is not developed though it may be whole; None if there is no such reason."""
    frame, scan = frame_and_scan(data)
    if not scan:
        return None
    if data[frame + 1] not in _TAKEN:
        return "lossless or hierarchical"
    return None if data[frame + 4] == _BITS else f"{data[frame + 4]}-bit"


def coefficient_bytes(data: bytes) -> int:
    """Give how many bytes of coefficients libjpeg holds while it decodes."""
    frame, scan = frame_and_scan(data)
    if not scan or is_read_in_one_pass(data):
        return 0
    width, height = _size(data, frame)
    sampled = list(_sampling(data, frame, scan).values())
    limit = max((wide for wide, _ in sampled), default=1) * max((high for _, high in sampled), default=1)
    samples = sum(wide * high for wide, high in sampled)
    return _COEFFICIENT_BYTES * width * height * samples // max(1, limit)


def mcus_in_scan(data: bytes, header: int) -> int:
    """Give how many MCUs the scan with a header at that position has."""
    frame, scan = frame_and_scan(data)
    sampling = _sampling(data, frame, scan)
    most = [max(factors) for factors in zip((1, 1), *sampling.values(), strict=True)]
    is_alone = data[header + 4] == 1
    # A component on its own comes in blocks of its own samples, with none to fill up an MCU of several.
    own = sampling.get(data[header + 5], (1, 1)) if is_alone else most
    block = [_BLOCK, _BLOCK] if is_alone else [_BLOCK * factor for factor in most]
    samples = [-(-side * factor // limit) for side, factor, limit in zip(_size(data, frame), own, most, strict=True)]
    return math.prod(-(-side // length) for side, length in zip(samples, block, strict=True))


def _size(data: bytes, frame: int) -> tuple[int, int]:
    height, width = (int.from_bytes(data[frame + at : frame + at + 2], "big") for at in (5, 7))
    return width, height


def _sampling(data: bytes, frame: int, scan: int) -> dict[int, tuple[int, int]]:
    """Give how often each component is sampled, across and down."""
    # Of each component three bytes: its number, how often it is sampled across and down, its table.
    parts = (data[at : at + 3] for at in range(frame + 10, scan, 3)[: data[frame + 9]])
    return {part[0]: (part[1] >> 4, part[1] & 15) for part in parts if len(part) == len("ijk")}


def frame_and_scan(data: bytes) -> tuple[int, int]:
    """Give the positions of the frame's header and of the first scan's; two zeros where they are missing or cut off."""
    frame = len(data)
    for position in jpeg_segments(data):
        code = data[position + 1] if data[position] == _MARKER else 0
        if code in _FRAMES:
            frame = position
        elif code == _START_OF_SCAN and position - frame >= _SHORTEST_FRAME_BYTES and position + 4 < len(data):
            return frame, position
    return 0, 0

"""Tell from a JPEG's header whether libjpeg reads it row by row, or holds all coefficients until the last scan."""

from collections.abc import Iterator

_MARKER = 0xFF
_START_OF_SCAN = 0xDA
# These stand alone: TEM, restarts, start and end of image; all others are followed by their length.
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xDA)})
_SEQUENTIAL = frozenset({0xC0, 0xC1})
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_SHORTEST_FRAME_BYTES = 13
_COEFFICIENT_BYTES = 2


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
    frame, scan = _frame_and_scan(data)
    return scan > 0 and data[frame + 1] in _SEQUENTIAL and data[frame + 9] == data[scan + 4]


def coefficient_bytes(data: bytes) -> int:
    """Give how many bytes of coefficients libjpeg holds while it decodes."""
    frame, scan = _frame_and_scan(data)
    if not scan or is_read_in_one_pass(data):
        return 0
    height, width = (int.from_bytes(data[frame + at : frame + at + 2], "big") for at in (5, 7))
    # Of each component three bytes: its number, how often it is sampled across and down, its table.
    sampled = [(both >> 4, both & 15) for both in data[frame + 11 : scan : 3][: data[frame + 9]]]
    limit = max((wide for wide, _ in sampled), default=1) * max((high for _, high in sampled), default=1)
    samples = sum(wide * high for wide, high in sampled)
    return _COEFFICIENT_BYTES * width * height * samples // max(1, limit)


def _frame_and_scan(data: bytes) -> tuple[int, int]:
    """Give the positions of the frame's header and of the first scan's; two zeros where they are missing or cut off."""
    frame = len(data)
    for position in jpeg_segments(data):
        code = data[position + 1] if data[position] == _MARKER else 0
        if code in _FRAMES:
            frame = position
        elif code == _START_OF_SCAN and position - frame >= _SHORTEST_FRAME_BYTES and position + 4 < len(data):
            return frame, position
    return 0, 0

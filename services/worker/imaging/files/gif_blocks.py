"""Walk over a GIF's blocks and decode none: Pillow keeps no count, and 115 KB can hold a minute's worth of frames."""

from collections.abc import Iterator
from itertools import islice

_HEADER_BYTES = 13
_DESCRIPTOR_BYTES = 10
_EXTENSION, _IMAGE = 0x21, 0x2C
_HAS_COLOURS = 0x80
_WIDTH, _HEIGHT = 6, 8
_CONTROL = b"\x21\xf9"
# One transparent pixel that stays: a control extension, a descriptor with two colours, the codes 4 (clear), 0, 5 (end).
_NOTHING = bytes.fromhex("21f90405000000002c0000000001000100800000000000000202440100")


def gif_blocks(data: bytes) -> Iterator[tuple[int, bool]]:
    """Give the position of each block and whether it is a frame; of a damaged file those up to the damage."""
    position = _HEADER_BYTES + _colours_bytes(data, 10)
    while position < len(data):
        if data[position] == _EXTENSION:
            yield position, False
            position = _after_pieces(data, position + 2)
        elif data[position] == _IMAGE:
            yield position, True
            # The descriptor, the frame's own colours, and one byte that says how its codes begin.
            colours = _colours_bytes(data, position + _DESCRIPTOR_BYTES - 1)
            position = _after_pieces(data, position + _DESCRIPTOR_BYTES + colours + 1)
        else:
            return


def count_gif_frames(data: bytes, enough: int) -> int:
    """Give the number of frames, but no more than `enough`."""
    frames = (position for position, is_frame in gif_blocks(data) if is_frame)
    return sum(1 for _ in islice(frames, enough))


def _colours_bytes(data: bytes, flags_at: int) -> int:
    flags = data[flags_at] if flags_at < len(data) else 0
    return 3 * 2 ** ((flags & 7) + 1) if flags & _HAS_COLOURS else 0


def _after_pieces(data: bytes, position: int) -> int:
    """Skip pieces, each behind its length, up to and with the empty one at their end."""
    while position < len(data) and data[position]:
        position += data[position] + 1
    return position + 1


def with_clear_canvas(data: bytes) -> bytes:
    """Put a frame of nothing before the first one if that does not cover the canvas; otherwise the same object.

    Pillow would fill what the first frame leaves open with a colour.
    """
    control = None
    for position, is_frame in gif_blocks(data):
        if is_frame:
            if _covers(data, position):
                return data
            at = position if control is None else control
            return data[:at] + _NOTHING + data[at:]
        if data.startswith(_CONTROL, position):
            control = position
    return data


def _covers(data: bytes, position: int) -> bool:
    left, top, width, height = (_number(data, position + at) for at in (1, 3, 5, 7))
    return not left and not top and width >= _number(data, _WIDTH) and height >= _number(data, _HEIGHT)


def _number(data: bytes, position: int) -> int:
    return int.from_bytes(data[position : position + 2], "little")

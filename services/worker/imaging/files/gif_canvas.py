"""Have a GIF begin with nothing where its first frame leaves some of the canvas open, which Pillow would colour."""

from services.worker.imaging.files.gif_blocks import gif_blocks

_WIDTH, _HEIGHT = 6, 8
_CONTROL = b"\x21\xf9"
# One transparent pixel that stays: a control extension, a descriptor with two colours, the codes 4 (clear), 0, 5 (end).
_NOTHING = bytes.fromhex("21f90405000000002c0000000001000100800000000000000202440100")


def with_clear_canvas(data: bytes) -> bytes:
    """Put a frame of nothing before the first one if that does not cover the canvas; otherwise the same object."""
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

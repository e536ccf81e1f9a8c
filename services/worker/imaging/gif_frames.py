"""Count a GIF's frames without decoding any: Pillow keeps no count, and 115 KB can hold a minute's worth of frames."""

_HEADER_BYTES = 13
_DESCRIPTOR_BYTES = 10
_EXTENSION, _IMAGE = 0x21, 0x2C
_HAS_COLOURS = 0x80


def count_gif_frames(data: bytes, enough: int) -> int:
    """Give the number of frames, but no more than `enough`; what a damaged file holds up to the damage."""
    position = _HEADER_BYTES + _colours_bytes(data, 10)
    frames = 0
    while frames < enough and position < len(data):
        if data[position] == _EXTENSION:
            position = _after_blocks(data, position + 2)
        elif data[position] == _IMAGE:
            frames += 1
            # The descriptor, the frame's own colours, and one byte that says how its codes begin.
            colours = _colours_bytes(data, position + _DESCRIPTOR_BYTES - 1)
            position = _after_blocks(data, position + _DESCRIPTOR_BYTES + colours + 1)
        else:
            break
    return frames


def _colours_bytes(data: bytes, flags_at: int) -> int:
    flags = data[flags_at] if flags_at < len(data) else 0
    return 3 * 2 ** ((flags & 7) + 1) if flags & _HAS_COLOURS else 0


def _after_blocks(data: bytes, position: int) -> int:
    """Skip blocks, each behind its length, up to and with the empty one at their end."""
    while position < len(data) and data[position]:
        position += data[position] + 1
    return position + 1

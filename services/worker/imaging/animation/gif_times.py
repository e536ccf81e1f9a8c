"""Say in a finished GIF how long each of its frames is shown."""

from collections.abc import Iterable, Iterator
from itertools import islice, pairwise

from services.worker.imaging.files.gif_blocks import gif_blocks

MAX_CENTISECONDS = 2**16 - 1
"""What a GIF can say of one frame."""

_CONTROL = b"\x21\xf9"
"""With which an extension begins that holds the time of the frame behind it."""

_TIME = slice(4, 6)
_END = b";"


def with_times(data: bytes, centiseconds: Iterable[int]) -> bytes:
    """Give each frame its time, where the file says in place of it how many of the `centiseconds` that is together.

    A frame with more than it can say is repeated: it looks the same when it is drawn once more, whether or not it is
    cleared before.
    """
    times = iter(centiseconds)
    blocks = [position for position, _ in gif_blocks(data)]
    made, control = [data[: blocks[0]]], b""
    for start, stop in pairwise([*blocks, len(data) - len(_END)]):
        block = data[start:stop]
        if block.startswith(_CONTROL):
            control = block
        elif control:
            time = sum(islice(times, int.from_bytes(control[_TIME], "little")))
            for part in _parts(time):
                made += [control[: _TIME.start], part.to_bytes(2, "little"), control[_TIME.stop :], block]
            control = b""
        else:
            made.append(block)
    return b"".join([*made, _END])


def _parts(time: int) -> Iterator[int]:
    """Cut a time into as few parts as can be said, about equally long: browsers prolong very short ones."""
    parts = -(-time // MAX_CENTISECONDS) or 1
    edges = [time * number // parts for number in range(parts + 1)]
    return (stop - start for start, stop in pairwise(edges))

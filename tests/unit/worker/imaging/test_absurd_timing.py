"""Found by fuzzing: animations that claim to last for days, or to play more often than can be said."""

import struct

from services.worker.imaging.developing import develop_image
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from shared.recipes import GifOutput, Recipe, WebpOutput
from tests import hostile

MOVING = Recipe(
    name="moving",
    outputs=(WebpOutput(name="w", effort=0, animation="keep"), GifOutput(name="g", animation="keep")),
)


def with_number(data: bytes, number: bytes, after: bytes, distance: int) -> bytes:
    """Put a number at a distance behind each occurrence of some bytes; checksums of the chunk are made right again."""
    parts = data.split(after)
    return parts[0] + b"".join(after + part[:distance] + number + part[distance + len(number) :] for part in parts[1:])


def test_frames_that_claim_to_last_for_hours_are_cut() -> None:
    """To what a GIF can say of one."""
    frames = hostile.animation("WEBP", 16, 40)
    data = with_number(frames, b"\xff\xff\xff", b"ANMF", 4 + 12)
    assert len(develop_image(ImageBytes(data), MOVING, ImageLimits()).outputs) == 2


def test_more_plays_than_can_be_said_are_cut() -> None:
    """A PNG counts them in 32 bits, a WebP and a GIF in 16."""
    data = hostile.animation("PNG", 16, 3)
    place = data.index(b"acTL")
    content = data[place + 4 : place + 8] + struct.pack(">I", 2**31 - 1)
    data = data[: place - 4] + hostile.png_chunk(b"acTL", content) + data[place + 16 :]
    assert len(develop_image(ImageBytes(data), MOVING, ImageLimits()).outputs) == 2

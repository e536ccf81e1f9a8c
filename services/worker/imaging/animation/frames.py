"""Read an animation frame by frame, within its caps."""

from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.pixels.decoding import Decoded
from services.worker.imaging.pixels.opening import first_frame, named_failures, open_image, shown_part
from services.worker.imaging.sizes import Size
from shared.failure_codes import FailureCode
from shared.image_types import ImageFormat


@dataclass(frozen=True, slots=True)
class Timing:
    """How an animation runs: each frame's milliseconds, and how often it is played, 0 for without end."""

    durations_ms: tuple[int, ...]
    plays: int


def check_animation(frames: int, sizes: list[Size], limits: ImageLimits) -> None:
    """Check what would be held of an animation; `sizes` are those of its canvas and of each of its prints.

    Raises ImageRejected: `too_many_frames`, `too_many_pixels`.
    """
    if frames > limits.max_frames:
        raise ImageRejected.because(
            FailureCode.TOO_MANY_FRAMES, f"This animation has more than {limits.max_frames} frames."
        )
    canvas, *prints = [frames * width * height for width, height in sizes]
    if max(canvas, sum(prints)) > limits.max_animation_pixels:
        limit = limits.max_animation_pixels // 1_000_000
        raise ImageRejected.because(
            FailureCode.TOO_MANY_PIXELS, f"All frames of this animation have more than {limit} megapixels."
        )


_MAX_PLAYS = 65_535
"""More than that neither GIF nor WebP can say."""

_LONGEST_FRAME_MS = 655_350
"""What a GIF can say of one frame; damaged files claim days."""

_LONGEST_MS = 2**31 - 1
"""What libwebp counts of all frames together."""


def read_frames(data: bytes, first: Decoded, limits: ImageLimits) -> Iterator[tuple[Image.Image, int]]:
    """Give each frame as it is seen, and for how many milliseconds; `first` is the decoded still image.

    A frame includes what it leaves of the one before it, as its disposal says. Raises ImageRejected: `unreadable`, and
    `too_many_pixels` where a later frame of a GIF stretches the canvas beyond what may be decoded.
    """
    longest_ms = min(_LONGEST_FRAME_MS, _LONGEST_MS // first.frames)
    with named_failures(first.format, limits):
        image = open_image(data, first.format, limits)
        profile = image.info.get("icc_profile")
        start = first_frame(image)
        for number in range(start, start + first.frames):
            image.seek(number)
            image.load()
            frame = shown_part(image, data, first.format)[0].crop((0, 0, *first.size))
            if profile:
                frame.info.setdefault("icc_profile", profile)
            yield frame, min(max(0, round(image.info.get("duration") or 0)), longest_ms)


def plays_of(image: Image.Image, image_format: ImageFormat) -> int:
    """Give how often an opened animation is played, 0 for without end."""
    loop = image.info.get("loop")
    if image_format == "gif":
        # A GIF says how often it is played again, and says nothing if it is not.
        return 1 if loop is None else min(loop + 1, _MAX_PLAYS) if loop else 0
    return min(loop or 0, _MAX_PLAYS)

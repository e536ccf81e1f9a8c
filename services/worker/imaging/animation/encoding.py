"""Encode the frames of an animation as one print."""

from collections.abc import Sequence
from functools import singledispatch
from itertools import accumulate, pairwise

from PIL import Image

from services.worker.imaging.animation.frames import Timing
from services.worker.imaging.animation.gif_times import with_times
from services.worker.imaging.pixels.encoding import save
from services.worker.imaging.pixels.gif_colours import paletted_frames
from services.worker.imaging.prints import EncodedPrint, encoded_print
from shared.recipes import GifOutput, RecipePart, WebpOutput

_SHORTEST_CENTISECONDS = 2
"""Browsers show anything shorter for a tenth of a second."""

_ONE_EACH_MS = 10
"""The least that a GIF can say."""

_FIRST_CHUNK, _EXTENDED = slice(12, 16), b"VP8X"
"""With which every animated WebP begins; libwebp may make a still one of frames that are all the same."""

_FLAGS_AT, _ALPHA = 20, 0x10
"""Of that chunk; in a still WebP the pixels stand there."""

_KEEP, _CLEAR = 1, 2
"""What a GIF's player does with a frame before it shows the next."""


def encode_animation(
    frames: Sequence[Image.Image], timing: Timing, output: WebpOutput | GifOutput, exif: bytes = b""
) -> EncodedPrint:
    """Encode L, LA, RGB or RGBA frames of one size; equal frames give equal bytes. `exif` as in `encode`."""
    return encoded_print(output, frames[0].size, _encode(output, frames, timing, exif))


@singledispatch
def _encode(output: RecipePart, frames: Sequence[Image.Image], timing: Timing, exif: bytes) -> bytes:
    raise NotImplementedError(type(output).__name__)  # so that a new output cannot be forgotten here


@_encode.register
def _(output: WebpOutput, frames: Sequence[Image.Image], timing: Timing, exif: bytes) -> bytes:
    transparent = any(frame.mode in {"LA", "RGBA"} for frame in frames)
    first, *others = [frame.convert("RGBA" if transparent else "RGB") for frame in frames]
    data = save(
        first,
        "WEBP",
        save_all=True,
        append_images=others,
        duration=list(timing.durations_ms),
        loop=timing.plays,
        background=(0, 0, 0, 0),
        quality=output.quality,
        method=output.effort,
        lossless=output.lossless,
        exif=exif,
    )
    return _with_alpha_flag(data) if transparent else data


@_encode.register
def _(output: GifOutput, frames: Sequence[Image.Image], timing: Timing, _exif: bytes) -> bytes:
    first, *others = paletted_frames(frames, output.colours)
    transparent = "transparency" in first.info
    # A GIF says how often it is played again, and nothing if it is played once.
    again = {} if timing.plays == 1 else {"loop": max(0, timing.plays - 1)}
    data = save(
        first,
        "GIF",
        save_all=True,
        append_images=others,
        # Pillow puts equal frames together and adds up what it is given, beyond what a GIF can say: it counts them.
        duration=_ONE_EACH_MS,
        disposal=_CLEAR if transparent else _KEEP,
        # Pillow would take the transparent colour out of frames that do not use it.
        optimize=not transparent,
        **again,
    )
    return with_times(data, _centiseconds(timing.durations_ms))


def _with_alpha_flag(data: bytes) -> bytes:
    """Say in a WebP's header that it is transparent.

    libwebp cuts frames down to what is new in them, and then forgets the ground when all that is left is opaque:
    decoders made it black. A still file says it with its pixels.
    """
    if data[_FIRST_CHUNK] != _EXTENDED:
        return data
    return data[:_FLAGS_AT] + bytes([data[_FLAGS_AT] | _ALPHA]) + data[_FLAGS_AT + 1 :]


def _centiseconds(durations_ms: Sequence[int]) -> list[int]:
    """Give durations as a GIF holds them, rounded so that the whole takes as long as before."""
    moments = [round(moment / 10) for moment in accumulate(durations_ms, initial=0)]
    rounded = [after - before for before, after in pairwise(moments)]
    return [
        max(_SHORTEST_CENTISECONDS, centiseconds) if exact else 0
        for centiseconds, exact in zip(rounded, durations_ms, strict=True)
    ]

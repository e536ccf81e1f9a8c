"""Develop every frame of an animation for the outputs that keep it moving."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeGuard, TypeVar

from PIL import Image

from services.worker.imaging.animation.encoding import encode_animation
from services.worker.imaging.animation.frames import Timing, check_animation, plays_of, read_frames
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.pixels.cutting import cut
from services.worker.imaging.pixels.decoding import Decoded
from services.worker.imaging.plan import pixels_of_output, size_of_output
from services.worker.imaging.prints import EncodedPrint
from services.worker.imaging.sizes import Size, resample
from shared.recipes import GifOutput, OutputSpec, Recipe, RecipePart, WebpOutput

Moving = WebpOutput | GifOutput
P = TypeVar("P", bound=RecipePart)


def moves(output: OutputSpec) -> TypeGuard[Moving]:
    """Tell whether an output keeps an animation moving."""
    return isinstance(output, WebpOutput | GifOutput) and output.animation == "keep"


def steady(recipe: Recipe) -> Recipe:
    """Give the recipe without `smart`: every frame would be cut elsewhere. Without any it is the same recipe."""
    steps = tuple(_steady(step) for step in recipe.steps)
    return recipe if steps == recipe.steps else recipe.model_copy(update={"steps": steps})


def _steady(part: P) -> P:
    smart = getattr(part, "gravity", None) == "smart"
    return part.model_copy(update={"gravity": "center"}) if smart else part


def make_animations(
    data: bytes,
    first: Decoded,
    outputs: Sequence[Moving],
    true_size: Size,
    finish: Callable[[Decoded], Image.Image],
    limits: ImageLimits,
    exif: bytes,
) -> tuple[EncodedPrint, ...]:
    """Make the moving prints in one pass over the frames.

    `finish` takes a frame through the recipe's steps; `exif` is all metadata that the prints get.

    Raises ImageRejected: `too_many_frames`, `too_many_pixels`, `unreadable`.
    """
    outputs = [_steady(output) for output in outputs]
    sizes = [size_of_output(true_size, output) for output in outputs]
    check_animation(first.frames, [first.size, *sizes], limits)
    made: list[list[Image.Image]] = [[] for _ in outputs]
    durations = []
    for frame, duration_ms in read_frames(data, first, limits):
        finished = finish(replace(first, image=frame, region=(0.0, 0.0, float(frame.width), float(frame.height))))
        durations.append(duration_ms)
        for output, size, frames in zip(outputs, sizes, made, strict=True):
            frames.append(cut(resample(finished, pixels_of_output(true_size, output)), size, output.gravity))
    timing = Timing(tuple(durations), plays_of(first.image, first.format))
    return tuple(encode_animation(frames, timing, output, exif) for frames, output in zip(made, outputs, strict=True))

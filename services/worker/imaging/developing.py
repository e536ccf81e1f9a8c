"""Develop one image: every print of a recipe from a single decode."""

import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from PIL import Image

from services.worker.imaging.colour import drop_opaque_alpha, expand, to_srgb
from services.worker.imaging.cutting import cut
from services.worker.imaging.decoding import Decoded, decode
from services.worker.imaging.encoding import encode
from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.made_sizes import check_made_sizes
from services.worker.imaging.orientation import is_sideways
from services.worker.imaging.plan import Plan, pixels_of_output, plan, size_of_output
from services.worker.imaging.prints import DevelopedImage, Print
from services.worker.imaging.sizes import Size, resample, turned
from services.worker.imaging.steps import Context, operation_of
from shared.recipes import AutoOrient, OutputSpec, Recipe

# A smaller print is made from a larger one only if that is at least twice its size: then nobody sees a difference.
_CASCADE_FACTOR = 2


def develop_image(data: bytes, recipe: Recipe, limits: ImageLimits) -> DevelopedImage:
    """Make all prints of one image. Pure: the same bytes and recipe give the same prints.

    Raises ImageRejected, and nothing else: see decoding.decode and made_sizes, also `out_of_memory` and `crashed`.
    """
    try:
        return _develop(data, recipe, limits)
    except ImageRejected:
        raise
    except MemoryError as error:
        raise ImageRejected("out_of_memory", "Developing this image takes more memory than allowed.") from error
    except Exception as error:
        rejected = ImageRejected("crashed", "Darkroom failed on this image; the fault is not the file's owner's.")
        # A cause is lost on the way out of a child, a note is not.
        rejected.add_note(traceback.format_exc())
        raise rejected from error


def _develop(data: bytes, recipe: Recipe, limits: ImageLimits) -> DevelopedImage:
    timings: dict[str, float] = {}
    with _timed(timings, "decode"):
        orient = any(isinstance(step, AutoOrient) for step in recipe.steps)
        decoded = decode(data, limits, lambda upright: plan(upright, recipe).working_size, orient=orient)
    sideways = is_sideways(decoded.orientation)
    upright = turned(decoded.size) if sideways else decoded.size
    planned = plan(upright, recipe)
    check_made_sizes(upright, recipe, planned, limits)
    with _timed(timings, "shrink"):
        image = _shrink_to_need(decoded, turned(planned.working_size) if sideways else planned.working_size)
        # What was decoded is let go: 200 MB of 50 megapixels that the encoders can have.
        decoded = replace(decoded, image=image)
    with _timed(timings, "colour"):
        image, note = to_srgb(drop_opaque_alpha(image))
    image = _apply_steps(image, recipe, planned, decoded.orientation, timings)
    true_size = _true_size(decoded, recipe)
    prints = _make_prints(image, true_size, recipe.outputs, timings)
    width, height = decoded.size
    return DevelopedImage(prints, width, height, decoded.format, timings, (note,) if note else ())


def _shrink_to_need(decoded: Decoded, size: Size) -> Image.Image:
    """Shrink before colours are converted and steps applied: those then touch the fewest pixels."""
    return resample(expand(decoded.image), size, decoded.region)


def _apply_steps(
    image: Image.Image, recipe: Recipe, planned: Plan, orientation: int, timings: dict[str, float]
) -> Image.Image:
    scale = planned.scale
    for number, step in enumerate(recipe.steps):
        operation = operation_of(step)
        with _timed(timings, f"{number}:{step.op}"):
            image = operation.apply(image, step, Context(scale, orientation))
        if operation.sets_size:
            scale = 1.0
    return image


def _true_size(decoded: Decoded, recipe: Recipe) -> Size:
    """Give the size that the image has after all steps when none of them works on fewer pixels."""
    size = turned(decoded.size) if is_sideways(decoded.orientation) else decoded.size
    for step in recipe.steps:
        size = operation_of(step).size_after(size, step)
    return size


def _make_prints(
    image: Image.Image, true_size: Size, outputs: Sequence[OutputSpec], timings: dict[str, float]
) -> tuple[Print, ...]:
    sizes = {output.name: pixels_of_output(true_size, output) for output in outputs}
    made = [image]
    prints: dict[str, Print] = {}
    for output in sorted(outputs, key=lambda output: sizes[output.name], reverse=True):
        with _timed(timings, f"print:{output.name}"):
            size = sizes[output.name]
            made.append(resample(_smallest_source(made, size), size))
            printed = cut(made[-1], size_of_output(true_size, output), output.gravity)
            prints[output.name] = encode(printed, output)
    return tuple(prints[output.name] for output in outputs)


def _smallest_source(made: Sequence[Image.Image], size: Size) -> Image.Image:
    """Choose what to shrink from; `made` runs from large to small, the first being the image itself."""
    for image in reversed(made):
        if image.width >= _CASCADE_FACTOR * size[0] and image.height >= _CASCADE_FACTOR * size[1]:
            return image
    return made[0]


@contextmanager
def _timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    timings[stage] = round((time.perf_counter() - started) * 1000, 3)

"""Develop one image: every print of a recipe from a single decode."""

import math
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, partial

from PIL import Image

from services.worker.imaging.animation.animating import Moving, make_animations, moves, steady
from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.made_sizes import check_made_sizes, check_print_sizes
from services.worker.imaging.pixels.colour import drop_opaque_alpha, expand, to_srgb
from services.worker.imaging.pixels.cutting import cut
from services.worker.imaging.pixels.decoding import Decoded, decode
from services.worker.imaging.pixels.encoding import encode
from services.worker.imaging.pixels.kept_memory import release_much_memory
from services.worker.imaging.pixels.orientation import as_stored, is_sideways
from services.worker.imaging.plan import EXACT_MARGIN, Plan, cuts_exactly, pixels_of_output, plan, size_of_output
from services.worker.imaging.prints import DevelopedImage, EncodedPrint
from services.worker.imaging.readouts import read_original, sample_size
from services.worker.imaging.readouts.copyright import copyright_exif
from services.worker.imaging.sizes import Part, Region, Size, resample, turned
from services.worker.imaging.steps import Context, operation_of
from shared.documents import FoundValue, Readings
from shared.failure_codes import FailureCode
from shared.recipes import OutputSpec, Readouts, Recipe

# A smaller print is made from a larger one only if that is at least twice its size: no difference can be seen then.
_CASCADE_FACTOR = 2


def develop_image(original: ImageBytes, recipe: Recipe, limits: ImageLimits) -> DevelopedImage:
    """Make all prints of one image. Pure, but that it may let go the original's bytes: the same give the same prints.

    Raises ImageRejected, and nothing else: see decoding.decode and made_sizes, also `out_of_memory` and `crashed`.
    """
    try:
        return _develop(original, recipe, limits)
    except ImageRejected:
        raise
    except MemoryError as error:
        raise ImageRejected(FailureCode.OUT_OF_MEMORY) from error
    except Exception as error:
        rejected = ImageRejected(FailureCode.CRASHED)
        # Its child sends notes to the worker, for the log; a cause would be lost.
        rejected.add_note(traceback.format_exc())
        raise rejected from error


def _develop(original: ImageBytes, recipe: Recipe, limits: ImageLimits) -> DevelopedImage:
    timings: dict[str, float] = {}
    with _timed(timings, "decode"):
        # Decoding asks in its midst, when the size is known.
        plan_for = cache(partial(plan, recipe=recipe))
        orient = any(operation_of(step).orients for step in recipe.steps)
        finer = EXACT_MARGIN if cuts_exactly(recipe) else 1.0
        need = partial(_pixels_needed, plan_for, recipe.readouts)
        decoded = decode(original, limits, need, orient=orient, finer=finer)
    with _timed(timings, "readouts"):
        readings, remark = read_original(decoded, recipe.readouts)
    planned = plan_for(decoded.upright_size)  # not planned again: decoding has asked for this size
    foreseen = check_made_sizes(decoded.upright_size, recipe, planned, limits)
    exif = copyright_exif(decoded.image) if recipe.metadata == "copyright" else b""
    found: dict[str, FoundValue] = {}
    context = Context(planned.scale, decoded.orientation, found, limits.max_decoded_pixels)
    image, note = _finished(decoded, planned, timings, context)
    if found:
        readings = (readings or Readings()).model_copy(update={"steps": found})
    true_size = _true_size(image, foreseen, recipe, limits)
    moving = [output for output in recipe.outputs if moves(output)] if decoded.frames > 1 else []
    still = [output for output in recipe.outputs if output not in moving]
    prints = _make_prints(image, true_size, still, exif, timings)
    if moving:
        with _timed(timings, "animations"):
            calm = steady(recipe)
            planned = planned if calm is recipe else plan(decoded.upright_size, calm)  # it may need other pixels
            prints |= _make_animations(original.data, decoded, planned, moving, true_size, exif, limits)
    width, height = decoded.size
    return DevelopedImage(
        outputs=tuple(prints[output.name] for output in recipe.outputs),
        width=width,
        height=height,
        format=decoded.format,
        timings_ms=timings,
        notes=(*decoded.notes, *dict.fromkeys(said for said in (note, remark, *_step_notes(recipe)) if said)),
        frames=decoded.frames,
        readings=readings,
    )


def _true_size(finished: Image.Image, foreseen: Size, recipe: Recipe, limits: ImageLimits) -> Size:
    """Give the size that a finished image has, or would have if no step had worked on fewer pixels."""
    if all(operation_of(step).is_foreseen for step in recipe.steps):
        return foreseen
    check_print_sizes(finished.size, recipe.outputs, limits)  # only now is known what custom steps made
    return finished.size


def _step_notes(recipe: Recipe) -> list[str | None]:
    return [operation_of(step).note(step) for step in recipe.steps]


def _finished(
    decoded: Decoded, planned: Plan, timings: dict[str, float], context: Context
) -> tuple[Image.Image, str | None]:
    """Take a decoded image, which is gone then, through all steps; also give the note on its colours, if any."""
    with _timed(timings, "shrink"):
        image = _shrink_to_need(decoded, planned)
    with _timed(timings, "colour"):
        image, note = to_srgb(drop_opaque_alpha(image))
    in_hand = [image]
    del image  # _apply_steps has the only one, and lets it go with the first step: 100 MB of 25 megapixels
    return _apply_steps(in_hand, planned, context, timings), note


def _make_animations(
    data: bytes,
    first: Decoded,
    planned: Plan,
    outputs: Sequence[Moving],
    true_size: Size,
    exif: bytes,
    limits: ImageLimits,
) -> dict[str, EncodedPrint]:
    def finish(frame: Decoded) -> Image.Image:
        # What custom steps find was found of the first frame.
        context = Context(planned.scale, frame.orientation, max_pixels=limits.max_decoded_pixels)
        return _finished(frame, planned, {}, context)[0]

    made = make_animations(data, first, outputs, true_size, finish, limits, exif)
    return {moving.output: moving for moving in made}


def _pixels_needed(plan_for: Callable[[Size], Plan], readouts: Readouts, upright: Size) -> Size:
    """Give the size to which an upright image may be shrunk while it is decoded."""
    needed = plan_for(upright).size_of_whole(upright)
    if not readouts.need_pixels:
        return needed
    seen = sample_size(upright)
    return max(needed[0], seen[0]), max(needed[1], seen[1])


def _shrink_to_need(decoded: Decoded, planned: Plan) -> Image.Image:
    """Cut and shrink before colours are converted and steps applied: those then touch the fewest pixels."""
    size = turned(planned.working_size) if is_sideways(decoded.orientation) else planned.working_size
    expanded = expand(decoded.image)
    if planned.part == (0, 0, *decoded.upright_size):
        shrunk = resample(expanded, size, decoded.region)
    else:
        shrunk = resample(expanded, size, *_part_as_decoded(planned, decoded))
    if shrunk is not decoded.image:
        freed = decoded.image.size
        decoded.image.close()  # 200 MB of 50 megapixels, which the steps and the encoders can have
        release_much_memory(freed)
    return shrunk


def _part_as_decoded(planned: Plan, decoded: Decoded) -> tuple[Region, Part]:
    """Give the region that becomes the print, and the pixels that may be looked at for it."""
    part = as_stored(planned.part, decoded.size, decoded.orientation)
    across, down = decoded.region[2] / decoded.size[0], decoded.region[3] / decoded.size[1]
    left, top, right, bottom = (round(edge * scale, 6) for edge, scale in zip(part, (across, down) * 2, strict=True))
    touched = math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom)
    inner = math.ceil(left), math.ceil(top), math.floor(right), math.floor(bottom)
    if planned.is_exact and inner[0] < inner[2] and inner[1] < inner[3]:
        # Pixels that DCT scaling has mixed from both sides of an edge would show what was to be cut off.
        return (float(inner[0]), float(inner[1]), float(inner[2]), float(inner[3])), inner
    return (left, top, right, bottom), touched


def _apply_steps(in_hand: list[Image.Image], planned: Plan, context: Context, timings: dict[str, float]) -> Image.Image:
    """Take the one image in hand out of its list and through the steps, each of which may let go what it is given."""
    for number, step in planned.steps:
        operation = operation_of(step)
        with _timed(timings, f"{number}:{step.op}"):
            in_hand.append(operation.apply(in_hand.pop(), step, context))
            release_much_memory(in_hand[0].size)
        if operation.pixels_needed is not None:
            context = replace(context, scale=1.0)
    return in_hand.pop()


def _make_prints(
    image: Image.Image, true_size: Size, outputs: Sequence[OutputSpec], exif: bytes, timings: dict[str, float]
) -> dict[str, EncodedPrint]:
    sizes = {output.name: pixels_of_output(true_size, output) for output in outputs}
    made = [image]
    prints: dict[str, EncodedPrint] = {}
    # The largest first, so that smaller ones can be made from it.
    for output in sorted(outputs, key=lambda output: sizes[output.name], reverse=True):
        with _timed(timings, f"print:{output.name}"):
            size = sizes[output.name]
            made.append(resample(_smallest_source(made, size), size))
            printed = cut(made[-1], size_of_output(true_size, output), output.gravity)
            prints[output.name] = encode(printed, output, exif)
    return prints


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

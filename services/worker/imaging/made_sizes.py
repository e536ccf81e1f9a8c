"""Know before any pixel is touched how large a recipe makes an image, and refuse what would be too large."""

from collections.abc import Sequence

from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.plan import Plan, size_of_output
from services.worker.imaging.sizes import Size
from services.worker.imaging.steps import operation_of
from shared.failure_codes import FailureCode
from shared.recipes import OutputSpec, Recipe


def check_made_sizes(upright: Size, recipe: Recipe, planned: Plan, limits: ImageLimits) -> Size:
    """Give the size of an upright image after all steps, as far as it is foreseen.

    Raises ImageRejected (`too_many_pixels`) if a step or a print has too many.
    """
    size = _check_steps(upright, recipe, planned, limits)
    check_print_sizes(size, recipe.outputs, limits)
    return size


def check_print_sizes(size: Size, outputs: Sequence[OutputSpec], limits: ImageLimits) -> None:
    """Raise ImageRejected (`too_many_pixels`) if a print of a finished image of that size has too many."""
    for output in outputs:
        _check_print(size_of_output(size, output), output, limits)


def _check_steps(upright: Size, recipe: Recipe, planned: Plan, limits: ImageLimits) -> Size:
    scale, size = planned.scale, upright
    for number, step in enumerate(recipe.steps):
        operation = operation_of(step)
        before, size = size, operation.size_after(size, step)
        width, height = size
        if operation.pixels_needed is not None:
            # What `cover` cuts away is there for a moment.
            scale, (width, height) = 1.0, operation.pixels_needed(before, step)
        if max(width * height, size[0] * size[1]) * scale**2 > limits.max_decoded_pixels:
            raise _too_large(f"Step {number + 1} ({step.op})", "the image", limits.max_decoded_pixels)
    return size


def _check_print(size: Size, output: OutputSpec, limits: ImageLimits) -> None:
    limit = limits.max_pixels_of_print(output.format)
    if size[0] * size[1] > limit:
        what = "an AVIF print" if output.format == "avif" else "a print"
        raise _too_large(f"The output {output.name}", what, limit)
    if max(size) > limits.max_print_side:
        raise ImageRejected(
            FailureCode.TOO_MANY_PIXELS,
            f"The output {output.name} would be longer than {limits.max_print_side:,} pixels. Give it a box to fit in.",
        )


def _too_large(who: str, what: str, limit: int) -> ImageRejected:
    return ImageRejected(
        FailureCode.TOO_MANY_PIXELS,
        f"{who} would make {what} of more than {limit / 1e6:g} megapixels from this image. Use a recipe with smaller "
        "sizes.",
    )

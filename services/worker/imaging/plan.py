"""Know before decoding how few pixels a recipe needs."""

from dataclasses import dataclass

from services.worker.imaging.sizes import Size, covered_size, covering_size, fitted_size
from services.worker.imaging.steps import operation_of
from services.worker.imaging.steps.resize import pixels_needed
from shared.recipes import Output, OwnStep, Recipe, Resize


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done with an image of a size.

    `working_size`: to what the upright image is shrunk before all else; its own size if it is needed whole. `scale`:
    pixels of the working image per pixel that the steps before the first resize mean.
    """

    working_size: Size
    scale: float


def plan(upright: Size, recipe: Recipe) -> Plan:
    """Plan for an upright image of a size: the fewest pixels that leave no print smaller or softer."""
    size = upright
    needed: list[Size] = []
    proportional = True
    for step in recipe.steps:
        if isinstance(step, OwnStep):
            # Nobody knows what it does to the size, and one that reads text needs every pixel.
            return Plan(upright, 1.0)
        if isinstance(step, Resize):
            needed = [pixels_needed(size, step)]
            proportional = step.mode != "exact"
            break
        size = operation_of(step).size_after(size, step)
    needed = needed or [pixels_of_output(size, output) for output in recipe.outputs]
    largest = (max(width for width, _ in needed), max(height for _, height in needed))
    if size == upright and proportional:
        # Exactly what is needed, so that the print is this image and not one resampled by a last pixel.
        working = min(largest[0], upright[0]), min(largest[1], upright[1])
        return Plan(working, max(working[0] / upright[0], working[1] / upright[1]))
    scale = min(1.0, max(largest[0] / size[0], largest[1] / size[1]))
    return Plan((max(1, round(upright[0] * scale)), max(1, round(upright[1] * scale))), scale)


def pixels_of_output(size: Size, output: Output) -> Size:
    """Give the size to which an image is resampled for an output, before `cover` cuts."""
    if output.cover is not None:
        return covering_size(size, output.cover)
    return fitted_size(size, output.fit) if output.fit is not None else size


def size_of_output(size: Size, output: Output) -> Size:
    """Give the size of an output's print."""
    return covered_size(size, output.cover) if output.cover is not None else pixels_of_output(size, output)

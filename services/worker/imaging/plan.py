"""Know before decoding how few pixels a recipe needs."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from services.worker.imaging.sizes import Part, Size, covered_size, covering_size, fitted_size
from services.worker.imaging.steps import Cut, operation_of
from shared.recipes import Output, Recipe
from shared.recipes.step import Step

EXACT_MARGIN = 2.5
"""How many times finer than needed an image is decoded of which an exact part is cut.

What is lost at its edges, a pixel of what was decoded, is then less than half a pixel of the print.
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done with an image of a size."""

    # What the first crops leave of the upright image. It is cut out before all else, so that nothing from beyond its
    # edges gets into it.
    part: Part
    # Whether a crop names these edges to the pixel, so that nothing beyond them may be seen.
    is_exact: bool
    # What the part is shrunk to then; its own size if it is needed whole.
    working_size: Size
    # Pixels of the working image per pixel that the steps before the first resize mean.
    scale: float
    # Those that are left to do, with their numbers in the recipe from 0.
    steps: tuple[tuple[int, Step], ...]

    def size_of_whole(self, upright: Size) -> Size:
        """Give the size to which the whole upright image may be shrunk before the part is cut out."""
        across, down = (
            working / (end - start)
            for working, start, end in zip(self.working_size, self.part[:2], self.part[2:], strict=True)
        )
        return min(upright[0], math.ceil(upright[0] * across)), min(upright[1], math.ceil(upright[1] * down))


def plan(upright: Size, recipe: Recipe) -> Plan:
    """Plan for an upright image of a size: the fewest pixels that leave no print smaller or softer."""
    cuts = _first_cuts(recipe)
    is_exact = any(cut.is_exact for cut in cuts.values())
    part = _part_left(upright, cuts.values())
    steps = tuple((number, step) for number, step in enumerate(recipe.steps) if number not in cuts)
    first = size = part[2] - part[0], part[3] - part[1]
    needed: list[Size] = []
    proportional = True
    for _, step in steps:
        operation = operation_of(step)
        if not operation.is_foreseen:
            return Plan(part, is_exact, first, 1.0, steps)
        if operation.pixels_needed is not None:
            needed = [operation.pixels_needed(size, step)]
            proportional = not operation.distorts(step)
            break
        size = operation.size_after(size, step)
    needed = needed or [pixels_of_output(size, output) for output in recipe.outputs]
    largest = (max(width for width, _ in needed), max(height for _, height in needed))
    if size == first and proportional:
        # Exactly what is needed, so that the print is this image and not one resampled by a last pixel.
        working = min(largest[0], first[0]), min(largest[1], first[1])
        return Plan(part, is_exact, working, max(working[0] / first[0], working[1] / first[1]), steps)
    scale = min(1.0, max(largest[0] / size[0], largest[1] / size[1]))
    return Plan(part, is_exact, (max(1, round(first[0] * scale)), max(1, round(first[1] * scale))), scale, steps)


def cuts_exactly(recipe: Recipe) -> bool:
    """Tell whether a crop that comes first names the edges of what it leaves."""
    return any(cut.is_exact for cut in _first_cuts(recipe).values())


def _first_cuts(recipe: Recipe) -> dict[int, Cut]:
    """Give the cuts, by their steps' numbers, that nothing comes before but turning upright."""
    cuts: dict[int, Cut] = {}
    for number, step in enumerate(recipe.steps):
        operation = operation_of(step)
        cut = operation.cut(step)
        if cut is not None:
            cuts[number] = cut
        elif not operation.orients:
            break
    return cuts


def _part_left(upright: Size, cuts: Iterable[Cut]) -> Part:
    left, top, right, bottom = 0, 0, *upright
    for cut in cuts:
        part = cut.part_of((right - left, bottom - top))
        left, top, right, bottom = left + part[0], top + part[1], left + part[2], top + part[3]
    return left, top, right, bottom


def pixels_of_output(size: Size, output: Output) -> Size:
    """Give the size to which an image is resampled for an output, before `cover` cuts."""
    if output.cover is not None:
        return covering_size(size, output.cover)
    return fitted_size(size, output.fit) if output.fit is not None else size


def size_of_output(size: Size, output: Output) -> Size:
    """Give the size of an output's print."""
    return covered_size(size, output.cover) if output.cover is not None else pixels_of_output(size, output)

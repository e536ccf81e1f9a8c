"""The shipped table: what images cost on a usual machine, before anything is learnt.

Measured by `python -m bench.costs`; a machine that is faster or slower all over is learnt within some images.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Self

from shared.costs.facts import ImageFacts
from shared.image_types import ImageFormat
from shared.recipes import AvifOutput, JpegOutput, OutputSpec, PngOutput, Recipe, WebpOutput
from shared.recipes.steps import AutoOrient, Resize

TABLE_NUMBER = 1
"""Grows with each change of the figures: what was learnt as factors of other figures is then void."""


class Parts(NamedTuple):
    """An image's cost in milliseconds by what it is spent on; each part has a factor of its own that is learnt."""

    start: float
    pixels: float
    data: float
    prints: float


class _Original(NamedTuple):
    """Milliseconds for an original of a format: each, for a megapixel, for a megabyte."""

    start: float
    megapixel: float
    megabyte: float


_ORIGINALS: Mapping[ImageFormat, _Original] = {
    "jpeg": _Original(1.2, 2.6, 14),
    "png": _Original(1, 38, 3),
    "webp": _Original(1.4, 27, 2),
    "gif": _Original(1, 17, 4),
    "avif": _Original(1, 23, 26),
}

_STEP_MEGAPIXEL = 8.0
"""Milliseconds of a step for a megapixel of the largest print."""

_BOX_FILLED = 0.7
"""Of a square box that a photograph fits into."""


@dataclass(frozen=True)
class RecipeWork:
    """What of a recipe costs: for each print the megapixels it has at most, and the milliseconds of one of them.

    `step_ms` is for a megapixel of the largest print.
    """

    prints: tuple[tuple[float, float], ...]
    step_ms: float

    @classmethod
    def of(cls, recipe: Recipe) -> Self:
        sizes = [step.width * step.height / 1e6 for step in recipe.steps if isinstance(step, Resize)]
        whole = min(sizes, default=float("inf"))
        prints = tuple((min(_megapixels(output), whole), _megapixel_ms(output)) for output in recipe.outputs)
        return cls(prints, _STEP_MEGAPIXEL * sum(not isinstance(step, AutoOrient) for step in recipe.steps))

    def parts(self, facts: ImageFacts) -> Parts:
        """What the image costs by the shipped table; never below what is above 0."""
        original, megapixels = _ORIGINALS[facts.supposed_format], facts.megapixels
        made = sum(min(size, megapixels) * cost for size, cost in self.prints)
        largest = min(max(size for size, _ in self.prints), megapixels)
        return Parts(
            start=original.start,
            pixels=original.megapixel * megapixels,
            data=original.megabyte * facts.megabytes,
            prints=made + self.step_ms * largest,
        )


def _megapixels(output: OutputSpec) -> float:
    if output.cover is not None:
        return output.cover.width * output.cover.height / 1e6
    return float("inf") if output.fit is None else _BOX_FILLED * output.fit.width * output.fit.height / 1e6


def _megapixel_ms(output: OutputSpec) -> float:
    """Milliseconds to shrink and encode a megapixel of the output."""
    match output:
        case JpegOutput():
            return 45.0 if output.progressive else 27.0
        case WebpOutput():
            return (260.0 if output.lossless else 95.0) * 1.35 ** (output.effort - 2)
        case AvifOutput():
            # Each level of speed is twice as fast as the one before.
            return 420.0 * 2.0 ** (8 - output.speed)
        case PngOutput():
            return 90.0
        case _:
            return 80.0

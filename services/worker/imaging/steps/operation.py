"""What every step brings along: how it changes the pixels, and how it changes the size."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from shared.documents import FoundValue

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Context:
    """What a step may have to know beside its own parameters.

    `scale`: pixels of the image in hand per pixel of the image that the step's parameters mean, 1.0 or less: an image
    that will be shrunk anyway is shrunk before. `orientation`: the original's EXIF value, 1 to 8.
    `found`: where own steps note what they tell about the image, by their names.
    """

    scale: float = 1.0
    orientation: int = 1
    found: dict[str, FoundValue] = field(default_factory=dict)

    def pixels(self, length: float) -> int:
        """A length of the step in pixels of the image in hand."""
        return round(length * self.scale)


def unchanged(size: Size, _step: Any) -> Size:
    """The size of an image after a step that leaves it as it is."""
    return size


@dataclass(frozen=True, slots=True)
class Operation:
    """One step on pixels.

    `apply(image, step, context)` takes an image in mode L, LA, RGB or RGBA and gives one in such a mode. `size_after`
    gives the size that an image of a size has after the step; planning needs it before there are pixels. `sets_size`:
    the step brings the image to a size in pixels by shrinking, so whatever comes before may work on fewer.
    """

    apply: Callable[[Image.Image, Any, Context], Image.Image]
    size_after: Callable[[Size, Any], Size] = unchanged
    sets_size: bool = False

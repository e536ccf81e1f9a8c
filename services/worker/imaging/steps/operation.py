"""What every step brings along: how it changes the pixels, and how it changes the size."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.sizes import Part, Size
from shared.documents import FoundValue


@dataclass(frozen=True, slots=True)
class Context:
    """What a step may have to know beside its own parameters.

    `scale`: pixels of the image in hand per pixel of the image that the step's parameters mean, 1.0 or less: an image
    that will be shrunk anyway is shrunk before. `orientation`: the original's EXIF value, 1 to 8.
    `found`: where custom steps note what they find in the image, by their names. `max_pixels`: the most of an image.
    """

    scale: float = 1.0
    orientation: int = 1
    found: dict[str, FoundValue] = field(default_factory=dict)
    max_pixels: int = ImageLimits.model_fields["max_decoded_pixels"].default

    def pixels(self, length: float) -> int:
        """A length of the step in pixels of the image in hand."""
        return round(length * self.scale)


@dataclass(frozen=True, slots=True)
class Cut:
    """What a step leaves of an image of a size, known before there are pixels.

    `is_exact`: its edges are named to the pixel, so that nothing may be seen from beyond them.
    """

    part_of: Callable[[Size], Part]
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One step on pixels, and what planning has to know of it.

    `apply(image, step, context)` takes and gives an image in mode L, LA, RGB or RGBA.
    """

    apply: Callable[[Image.Image, Any, Context], Image.Image]
    size_after: Callable[[Size, Any], Size] = lambda size, _step: size
    """The size after the step; planning needs it before there are pixels."""
    is_foreseen: bool = True
    """Whether `size_after` is true, and the step does as well with fewer pixels."""
    pixels_needed: Callable[[Size, Any], Size] | None = None
    """Of a step that brings the image to a size: the pixels to which it resamples, before it cuts and pads."""
    distorts: Callable[[Any], bool] = lambda _step: False
    """Whether `pixels_needed` has other proportions."""
    cut: Callable[[Any], Cut | None] = lambda _step: None
    """What the step leaves, if it only cuts and needs no pixels to know where."""
    orients: bool = False
    """Whether planning begins with the size of the upright image."""
    note: Callable[[Any], str | None] = lambda _step: None
    """A code, noted on each image, for what the step cannot do as it was asked."""

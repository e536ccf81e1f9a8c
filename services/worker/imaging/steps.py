"""A recipe's steps on pixels: one function per step class of shared.recipes."""

from functools import singledispatch

from PIL import Image

from services.worker.imaging.orientation import turn_upright
from services.worker.imaging.sizes import fitted_size, shrink
from shared.recipes import AutoOrient, Box, RecipePart, Resize


@singledispatch
def apply_step(step: RecipePart, image: Image.Image, orientation: int) -> Image.Image:
    """Give the image after the step; `orientation` is the original's EXIF value, 1 to 8."""
    raise NotImplementedError(type(step).__name__)


@apply_step.register
def _(_step: AutoOrient, image: Image.Image, orientation: int) -> Image.Image:
    return turn_upright(image, orientation)


@apply_step.register
def _(step: Resize, image: Image.Image, _orientation: int) -> Image.Image:
    return shrink(image, fitted_size(image.size, Box(width=step.width, height=step.height)))

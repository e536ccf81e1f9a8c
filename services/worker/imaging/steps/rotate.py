"""Turn the image clockwise."""

import math

from PIL import Image

from services.worker.imaging.colour import laid_on, premultiplied
from services.worker.imaging.steps.operation import Context, Operation, Size
from shared.recipes import Rotate

_CLOCKWISE = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}


def _apply(image: Image.Image, step: Rotate, _context: Context) -> Image.Image:
    angle = step.angle % 360
    if angle == 0:
        return image
    if angle in _CLOCKWISE:
        return image.transpose(_CLOCKWISE[int(angle)])
    turned = premultiplied(
        image.convert("RGBA"),
        lambda pixels: pixels.rotate(-angle, Image.Resampling.BICUBIC, expand=True),
    )
    return laid_on(turned, step.background)


def _size_after(size: Size, step: Rotate) -> Size:
    angle = step.angle % 360
    if angle % 90 == 0:
        return size if angle % 180 == 0 else (size[1], size[0])
    sine, cosine = abs(math.sin(math.radians(angle))), abs(math.cos(math.radians(angle)))
    width, height = size
    return _around(width, width * cosine + height * sine), _around(height, width * sine + height * cosine)


def _around(before: int, after: float) -> int:
    """Give the whole pixels that a turned side touches: Pillow lays its middle where it was, between pixels or not."""
    return math.ceil((before + after) / 2) - math.floor((before - after) / 2)


OPERATION = Operation(_apply, _size_after)

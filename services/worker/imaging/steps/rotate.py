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
    angle = math.radians(step.angle % 360)
    sine, cosine = abs(math.sin(angle)), abs(math.cos(angle))
    width, height = size
    # A hair less than what rounding up gives for right angles, whose sine and cosine are not quite 0 and 1.
    tiny = 1e-6
    return math.ceil(width * cosine + height * sine - tiny), math.ceil(width * sine + height * cosine - tiny)


OPERATION = Operation(_apply, _size_after)

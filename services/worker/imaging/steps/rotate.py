"""Turn the image clockwise."""

import math

from PIL import Image, ImageChops

from services.worker.imaging.colour import drop_opaque_alpha
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
    turned = _rotated(image.convert("RGBA").convert("RGBa"), angle)
    opened = ImageChops.invert(_rotated(Image.new("L", image.size, 255), angle))
    return drop_opaque_alpha(ImageChops.add(turned, _only_in(opened, step.background)).convert("RGBA"))


def _rotated(pixels: Image.Image, angle: float) -> Image.Image:
    return pixels.rotate(-angle, Image.Resampling.BICUBIC, expand=True)


def _only_in(mask: Image.Image, colour: str) -> Image.Image:
    """Give the colour where the mask is white, weighted by its opacity; the image's own transparency stays."""
    filled = Image.new("RGBA", mask.size, colour)
    filled.putalpha(ImageChops.multiply(filled.getchannel("A"), mask))
    return filled.convert("RGBa")


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

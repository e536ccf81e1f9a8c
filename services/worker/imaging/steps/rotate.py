"""Turn the image clockwise."""

import math

from PIL import Image, ImageChops

from services.worker.imaging.pixels.colour import drop_opaque_alpha
from services.worker.imaging.sizes import Size
from services.worker.imaging.steps.operation import Context, Operation
from shared.recipes.steps import Rotate

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
    opened = ImageChops.invert(_rotated(Image.new("L", image.size, 255), angle))
    # Each lets the one before go, 100 MB of 25 megapixels, which is why all have one name and a line of their own.
    image = image.convert("RGBA")
    image = image.convert("RGBa")
    image = _rotated(image, angle)
    bands = list(image.split())
    del image
    image = _filled(bands, opened, step.background)
    image = image.convert("RGBA")
    return drop_opaque_alpha(image)


def _rotated(pixels: Image.Image, angle: float) -> Image.Image:
    return pixels.rotate(-angle, Image.Resampling.BICUBIC, expand=True)


def _filled(bands: list[Image.Image], opened: Image.Image, colour: str) -> Image.Image:
    """Put the colour into what the turning has opened, band by band: whole images would be three more at once."""
    every_share = _only_in(Image.frombytes("L", (256, 1), bytes(range(256))), colour)
    for number, share in enumerate(every_share.split()):
        bands[number] = ImageChops.add(bands[number], opened.point(list(share.tobytes())))
    filled = Image.merge("RGBa", bands)
    bands.clear()
    return filled


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

"""Blur the image."""

from PIL import Image, ImageFilter

from services.worker.imaging.pixels.colour import premultiplied
from services.worker.imaging.steps.operation import Context, Operation
from shared.recipes.steps import Blur


def _apply(image: Image.Image, step: Blur, context: Context) -> Image.Image:
    blur = ImageFilter.GaussianBlur(step.radius * context.scale)
    # Unlike resize, the filter would let colours bleed out of transparent pixels.
    return premultiplied(image, lambda pixels: pixels.filter(blur))


OPERATION = Operation(_apply)

"""Sharpen the image."""

from PIL import Image, ImageFilter

from services.worker.imaging.pixels.colour import premultiplied, split_alpha, with_alpha
from services.worker.imaging.steps.operation import Context, Operation
from shared.recipes.steps import Sharpen


def _apply(image: Image.Image, step: Sharpen, context: Context) -> Image.Image:
    radius = step.radius * context.scale
    mask = ImageFilter.UnsharpMask(radius, step.amount, step.threshold)
    colours, alpha = split_alpha(image)
    if alpha is not None:
        seen = alpha.point(lambda value: 255 * (value > 0))
        colours = Image.composite(colours, _seen_nearby(image, radius), seen)
    return with_alpha(colours.filter(mask), alpha)


def _seen_nearby(image: Image.Image, radius: float) -> Image.Image:
    """Give what may stand in for hidden colours, which the mask would otherwise hold against what is seen."""
    # Twice the mask's radius, so that every pixel the mask reaches from a visible one has a colour.
    blur = ImageFilter.GaussianBlur(2 * radius)
    return split_alpha(premultiplied(image, lambda pixels: pixels.filter(blur)))[0]


OPERATION = Operation(_apply)

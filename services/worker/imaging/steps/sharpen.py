"""Sharpen the image."""

from PIL import Image, ImageFilter

from services.worker.imaging.colour import split_alpha, with_alpha
from services.worker.imaging.steps.operation import Context, Operation
from shared.recipes import Sharpen


def _apply(image: Image.Image, step: Sharpen, context: Context) -> Image.Image:
    mask = ImageFilter.UnsharpMask(step.radius * context.scale, step.amount, step.threshold)
    colours, alpha = split_alpha(image)
    return with_alpha(colours.filter(mask), alpha)


OPERATION = Operation(_apply)

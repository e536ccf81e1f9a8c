"""Put a border around the image."""

from PIL import Image

from services.worker.imaging.pixels.colour import canvas, pasted
from services.worker.imaging.sizes import Size
from services.worker.imaging.steps.operation import Context, Operation
from shared.recipes.steps import Border


def _apply(image: Image.Image, step: Border, context: Context) -> Image.Image:
    width = max(1, context.pixels(step.width))
    around = canvas((image.width + 2 * width, image.height + 2 * width), step.colour, image)
    return pasted(image, around, (width, width))


def _size_after(size: Size, step: Border) -> Size:
    return size[0] + 2 * step.width, size[1] + 2 * step.width


OPERATION = Operation(_apply, _size_after)

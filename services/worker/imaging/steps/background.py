"""Put a colour behind what is transparent."""

from PIL import Image

from services.worker.imaging.pixels.colour import laid_on
from services.worker.imaging.steps.operation import Context, Operation
from shared.recipes.steps import Background


def _apply(image: Image.Image, step: Background, _context: Context) -> Image.Image:
    if image.mode not in {"LA", "RGBA"}:
        return image
    return laid_on(image, step.colour)


OPERATION = Operation(_apply)

"""Take the colours away."""

from PIL import Image

from services.worker.imaging.steps.operation import Context, Operation
from shared.recipes.steps import Grayscale


def _apply(image: Image.Image, _step: Grayscale, _context: Context) -> Image.Image:
    return image.convert("LA" if image.mode in {"LA", "RGBA"} else "L")


OPERATION = Operation(_apply)

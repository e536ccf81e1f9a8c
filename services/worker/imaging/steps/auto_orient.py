"""Turn the image upright."""

from PIL import Image

from services.worker.imaging.pixels.orientation import turn_upright
from services.worker.imaging.steps.operation import Context, Operation
from shared.recipes.steps import AutoOrient


def _apply(image: Image.Image, _step: AutoOrient, context: Context) -> Image.Image:
    return turn_upright(image, context.orientation)


OPERATION = Operation(_apply, orients=True)

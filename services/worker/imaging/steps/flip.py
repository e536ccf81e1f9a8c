"""Mirror the image."""

from PIL import Image

from services.worker.imaging.steps.operation import Context, Operation
from shared.recipes.steps import Flip

_TRANSPOSES = {"horizontal": Image.Transpose.FLIP_LEFT_RIGHT, "vertical": Image.Transpose.FLIP_TOP_BOTTOM}


def _apply(image: Image.Image, step: Flip, _context: Context) -> Image.Image:
    return image.transpose(_TRANSPOSES[step.axis])


OPERATION = Operation(_apply)

"""An image that takes for ever, as a child of a real worker finds it by its path."""

import time

from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.prints import DevelopedImage
from shared.recipes import Recipe


def develop_slowly(_data: bytes, _recipe: Recipe, _limits: ImageLimits) -> DevelopedImage:
    """Sleep."""
    time.sleep(600)
    raise AssertionError

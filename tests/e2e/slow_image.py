"""Images that take for ever, or a few seconds, as a child of a real worker finds them by their path."""

import os
import tempfile
import time
from pathlib import Path

from services.worker.imaging.developing import develop_image
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.prints import DevelopedImage
from shared.recipes import Recipe


def develop_slowly(_data: bytes, _recipe: Recipe, _limits: ImageLimits) -> DevelopedImage:
    """Sleep."""
    time.sleep(600)
    raise AssertionError


FEW_SECONDS = 4.0
"""Longer than a batch takes to end of which nothing is in development."""


def begun_mark(worker_pid: int) -> Path:
    """The file that says that an image has been begun by a child of this worker."""
    return Path(tempfile.gettempdir()) / f"darkroom-image-begun-{worker_pid}"


def develop_after_some_seconds(original: ImageBytes, recipe: Recipe, limits: ImageLimits) -> DevelopedImage:
    """Leave the mark, take a few seconds more than usual, and develop the image as always."""
    begun_mark(os.getppid()).touch()
    time.sleep(FEW_SECONDS)
    return develop_image(original, recipe, limits)

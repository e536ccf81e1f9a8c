"""Bring the image to a size."""

from PIL import Image

from services.worker.imaging.pixels.colour import canvas, pasted
from services.worker.imaging.pixels.cutting import cut
from services.worker.imaging.sizes import Size, covered_size, covering_size, fitted_size, resample
from services.worker.imaging.steps.operation import Context, Operation
from shared.recipes import Box
from shared.recipes.steps import MAX_ENLARGEMENT, Resize


def _apply(image: Image.Image, step: Resize, _context: Context) -> Image.Image:
    resized = resample(image, _pixels_needed(image.size, step))
    if step.mode == "cover":
        return cut(resized, covered_size(image.size, _box(step), _most(step)), step.gravity)
    if step.mode == "contain":
        around = canvas((step.width, step.height), step.background, resized)
        left, top = (step.width - resized.width) // 2, (step.height - resized.height) // 2
        return pasted(resized, around, (left, top))
    return resized


def _pixels_needed(size: Size, step: Resize) -> Size:
    """The size to which an image of that size is resampled, before `cover` cuts and `contain` pads."""
    box, limit = _box(step), _most(step)
    match step.mode:
        case "cover":
            return covering_size(size, box, limit)
        case "exact":
            return min(box.width, round(size[0] * limit)), min(box.height, round(size[1] * limit))
        case _:
            return fitted_size(size, box, limit)


def _size_after(size: Size, step: Resize) -> Size:
    if step.mode == "cover":
        return covered_size(size, _box(step), _most(step))
    return (step.width, step.height) if step.mode == "contain" else _pixels_needed(size, step)


def _box(step: Resize) -> Box:
    return Box(width=step.width, height=step.height)


def _most(step: Resize) -> float:
    return float(MAX_ENLARGEMENT) if step.enlarge else 1.0


OPERATION = Operation(_apply, _size_after, pixels_needed=_pixels_needed, distorts=lambda step: step.mode == "exact")

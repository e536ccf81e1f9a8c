"""Shrink images, and know beforehand how many pixels a recipe needs."""

from PIL import Image

from shared.recipes import Box, Recipe, Resize

Size = tuple[int, int]
Region = tuple[float, float, float, float]

# A first pass with a box filter leaves at least this factor to LANCZOS. From 1600 to 320 px it takes 13 ms
# instead of 32 and differs from pure LANCZOS by 0.6 to 0.8 of 255 (RMSE).
_REDUCING_GAP = 2.0


def fitted_size(size: Size, box: Box) -> Size:
    """Give the size that fits the box in the same proportions: never larger than before, never below 1 px."""
    scale = min(box.width / size[0], box.height / size[1], 1.0)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def needed_box(recipe: Recipe) -> Box | None:
    """Give the smallest box that an upright image can be shrunk to before all else, or None for full size."""
    boxes = [Box(width=step.width, height=step.height) for step in recipe.steps if isinstance(step, Resize)]
    fits = [output.fit for output in recipe.outputs if output.fit is not None]
    if len(fits) == len(recipe.outputs):
        boxes.append(Box(width=max(fit.width for fit in fits), height=max(fit.height for fit in fits)))
    if not boxes:
        return None
    return Box(width=min(box.width for box in boxes), height=min(box.height for box in boxes))


def turned_box(box: Box) -> Box:
    """Give the same box for an image that still lies on its side."""
    return Box(width=box.height, height=box.width)


def shrink(image: Image.Image, size: Size, region: Region | None = None) -> Image.Image:
    """Resample the image, or a region of it, to that size with LANCZOS."""
    if image.size == size:
        return image
    return image.resize(size, Image.Resampling.LANCZOS, box=region, reducing_gap=_REDUCING_GAP)

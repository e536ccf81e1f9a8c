"""Cut out a part."""

from PIL import Image

from services.worker.imaging.pixels.cutting import cut, part_by_gravity
from services.worker.imaging.sizes import Part, Size, largest_part
from services.worker.imaging.steps.operation import Context, Cut, Operation
from shared.recipes import Box
from shared.recipes.steps import Crop


def _part_of(size: Size, step: Crop) -> Part:
    """Give what the step leaves of an image of a size; not for `smart`, which needs pixels."""
    width, height = _size_after(size, step)
    if step.left is None or step.top is None:
        return part_by_gravity(size, (width, height), step.gravity)
    # A part that would stick out is moved inside: a box outside the image crashed Pillow once (CVE-2026-59199).
    left, top = min(step.left, size[0] - width), min(step.top, size[1] - height)
    return left, top, left + width, top + height


def _apply(image: Image.Image, step: Crop, context: Context) -> Image.Image:
    scaled = _scaled(step, context)
    if _needs_pixels(scaled):
        return cut(image, _size_after(image.size, scaled), "smart")
    return image.crop(_part_of(image.size, scaled))


def _needs_pixels(step: Crop) -> bool:
    return step.left is None and step.gravity == "smart"


def _cut(step: Crop) -> Cut | None:
    return None if _needs_pixels(step) else Cut(lambda size: _part_of(size, step), is_exact=step.left is not None)


def _scaled(step: Crop, context: Context) -> Crop:
    """Give the step in pixels of the image in hand."""
    if step.box is None:
        return step
    box = Box(width=max(1, context.pixels(step.box.width)), height=max(1, context.pixels(step.box.height)))
    if step.left is None or step.top is None:
        return step.model_copy(update={"box": box})
    return step.model_copy(update={"box": box, "left": context.pixels(step.left), "top": context.pixels(step.top)})


def _size_after(size: Size, step: Crop) -> Size:
    if step.box is not None:
        return min(size[0], step.box.width), min(size[1], step.box.height)
    across, down = (int(side) for side in (step.aspect or "1:1").split(":"))
    return largest_part(size, (across, down))


OPERATION = Operation(_apply, _size_after, cut=_cut)

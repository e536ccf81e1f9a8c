"""Cut out a part."""

from PIL import Image

from services.worker.imaging.cutting import cut, part_by_gravity
from services.worker.imaging.sizes import Part, largest_part
from services.worker.imaging.steps.operation import Context, Operation, Size
from shared.recipes import Crop


def part_of(size: Size, step: Crop) -> Part:
    """Give what the step leaves of an image of a size, unless its gravity is `smart`, which needs pixels."""
    width, height = _size_after(size, step)
    if step.left is None or step.top is None:
        return part_by_gravity(size, (width, height), step.gravity)
    # A part that would stick out is moved inside: a box outside the image crashed Pillow once (CVE-2026-59199).
    left, top = min(step.left, size[0] - width), min(step.top, size[1] - height)
    return left, top, left + width, top + height


def _apply(image: Image.Image, step: Crop, context: Context) -> Image.Image:
    if step.box is None:
        return cut(image, _size_after(image.size, step), step.gravity)
    width = min(image.width, max(1, context.pixels(step.box.width)))
    height = min(image.height, max(1, context.pixels(step.box.height)))
    if step.left is None or step.top is None:
        return cut(image, (width, height), step.gravity)
    left = min(context.pixels(step.left), image.width - width)
    top = min(context.pixels(step.top), image.height - height)
    return image.crop((left, top, left + width, top + height))


def _size_after(size: Size, step: Crop) -> Size:
    if step.box is not None:
        return min(size[0], step.box.width), min(size[1], step.box.height)
    across, down = (int(side) for side in (step.aspect or "1:1").split(":"))
    return largest_part(size, (across, down))


OPERATION = Operation(_apply, _size_after)

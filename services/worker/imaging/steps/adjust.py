"""Change brightness, contrast and saturation."""

from collections.abc import Callable

from PIL import Image, ImageEnhance, ImageStat

from services.worker.imaging.pixels.colour import split_alpha, with_alpha
from services.worker.imaging.steps.operation import Context, Operation
from shared.recipes.steps import Adjust

_OPAQUE = 255


def _apply(image: Image.Image, step: Adjust, _context: Context) -> Image.Image:
    colours, alpha = split_alpha(image)
    del image  # 100 MB of 25 megapixels, once it is another
    if step.brightness != 1:
        colours = _through_table(colours, lambda values: ImageEnhance.Brightness(values).enhance(step.brightness))
    if step.contrast != 1:
        colours = _with_contrast(colours, alpha, step.contrast)
    if step.saturation != 1 and colours.mode == "RGB":
        colours = ImageEnhance.Color(colours).enhance(step.saturation)
    return with_alpha(colours, alpha)


def _with_contrast(colours: Image.Image, alpha: Image.Image | None, factor: float) -> Image.Image:
    # ImageEnhance.Contrast would let hidden pixels move the mean.
    visible = alpha.point(lambda value: _OPAQUE if value else 0) if alpha else None
    if visible is not None and visible.getbbox() is None:
        return colours
    mean = round(ImageStat.Stat(colours.convert("L"), visible).mean[0])
    return _through_table(colours, lambda values: Image.blend(Image.new("L", values.size, mean), values, factor))


def _through_table(colours: Image.Image, change: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """Do to every band what is done to each of the 256 values; on the whole it would take another whole image."""
    changed = change(Image.frombytes("L", (256, 1), bytes(range(256))))
    return colours.point(list(changed.tobytes()) * len(colours.getbands()))


OPERATION = Operation(_apply)

"""Change brightness, contrast and saturation."""

from PIL import Image, ImageEnhance, ImageStat

from services.worker.imaging.colour import split_alpha, with_alpha
from services.worker.imaging.steps.operation import Context, Operation
from shared.recipes import Adjust

_OPAQUE = 255


def _apply(image: Image.Image, step: Adjust, _context: Context) -> Image.Image:
    colours, alpha = split_alpha(image)
    if step.brightness != 1:
        colours = ImageEnhance.Brightness(colours).enhance(step.brightness)
    if step.contrast != 1:
        colours = _with_contrast(colours, alpha, step.contrast)
    if step.saturation != 1 and colours.mode == "RGB":
        colours = ImageEnhance.Color(colours).enhance(step.saturation)
    return with_alpha(colours, alpha)


def _with_contrast(colours: Image.Image, alpha: Image.Image | None, factor: float) -> Image.Image:
    # ImageEnhance.Contrast would let pixels that nobody sees move the mean.
    visible = alpha.point(lambda value: _OPAQUE if value else 0) if alpha else None
    if visible is not None and visible.getbbox() is None:
        return colours
    mean = round(ImageStat.Stat(colours.convert("L"), visible).mean[0])
    return Image.blend(Image.new(colours.mode, colours.size, (mean,) * len(colours.getbands())), colours, factor)


OPERATION = Operation(_apply)

"""Lay an image over the image."""

import base64
import io

from PIL import Image

from services.worker.imaging.colour import scale_transparency
from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.steps.operation import Context, Operation
from services.worker.imaging.steps.placing import laid_over, place, tiles, with_opacity
from shared.recipes import ImageWatermark
from shared.recipes.watermark_png import MAX_WATERMARK_PIXELS


def _apply(image: Image.Image, step: ImageWatermark, _context: Context) -> Image.Image:
    mark = _opened(step.png)
    width = max(1, round(step.width * image.width))
    height = max(1, round(mark.height * width / mark.width))
    mark = mark.resize((width, height), Image.Resampling.LANCZOS)
    # One that is too high for the image is made to fit, not cut.
    mark.thumbnail(image.size, Image.Resampling.LANCZOS)
    mark = with_opacity(mark, step.opacity)
    layer = Image.new("RGBA", image.size)
    if step.tile:
        for left, top in tiles(image.size, mark.size, max(1, mark.height // 2)):
            layer.paste(mark, (left, top))
    else:
        layer.paste(mark, place(image.size, mark.size, step.position, round(step.margin * min(image.size))))
    return laid_over(image, layer)


def _opened(encoded: str) -> Image.Image:
    try:
        mark = Image.open(io.BytesIO(base64.b64decode(encoded, validate=True)), formats=["PNG"])
        scale_transparency(mark)
        small_enough = mark.width * mark.height <= MAX_WATERMARK_PIXELS
        opened = mark.convert("RGBA") if small_enough else None
    except Exception as error:
        raise ImageRejected("watermark_unreadable", "The recipe's watermark is not a PNG that can be used.") from error
    if opened is None:
        raise ImageRejected("watermark_unreadable", "The recipe's watermark has more than 4 megapixels.")
    return opened


OPERATION = Operation(_apply)

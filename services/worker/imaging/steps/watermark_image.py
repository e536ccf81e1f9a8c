"""Lay an image over the image."""

import base64
import io

from PIL import Image

from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.pixels.colour import scale_transparency
from services.worker.imaging.sizes import Size
from services.worker.imaging.steps.operation import Context, Operation
from services.worker.imaging.steps.placing import laid_over, place, tiles, with_opacity
from shared.failure_codes import FailureCode
from shared.recipes.watermarks import MAX_WATERMARK_PIXELS, ImageWatermark


def _apply(image: Image.Image, step: ImageWatermark, _context: Context) -> Image.Image:
    mark = _opened(step.png)
    mark = mark.resize(_fitting(mark.size, image.size, step.width), Image.Resampling.LANCZOS)
    mark = with_opacity(mark, step.opacity)
    layer = Image.new("RGBA", image.size)
    if step.tile:
        for left, top in tiles(image.size, mark.size, max(1, mark.height // 2)):
            layer.paste(mark, (left, top))
    else:
        layer.paste(mark, place(image.size, mark.size, step.position, round(step.margin * min(image.size))))
    return laid_over(image, layer)


def _fitting(mark: Size, outer: Size, share: float) -> Size:
    """Give the size of a watermark that is so wide a share of `outer`, smaller where it would be too high for that."""
    width = max(1, round(share * outer[0]))
    height = max(1, round(mark[1] * width / mark[0]))
    if height <= outer[1]:
        return width, height
    # Made to fit, not cut; and not by way of the larger size: of one pixel's width it may be millions high.
    return max(1, round(mark[0] * outer[1] / mark[1])), outer[1]


def _opened(encoded: str) -> Image.Image:
    try:
        mark = Image.open(io.BytesIO(base64.b64decode(encoded, validate=True)), formats=["PNG"])
        scale_transparency(mark)
        small_enough = mark.width * mark.height <= MAX_WATERMARK_PIXELS
        opened = mark.convert("RGBA") if small_enough else None
    except Exception as error:
        raise ImageRejected.because(
            FailureCode.WATERMARK_UNREADABLE, "The recipe's watermark is not a PNG that can be used."
        ) from error
    if opened is None:
        raise ImageRejected.because(
            FailureCode.WATERMARK_UNREADABLE, "The recipe's watermark has more than 4 megapixels."
        )
    return opened


OPERATION = Operation(_apply)

"""Where something is put on an image, and putting it there."""

from collections.abc import Iterator

from PIL import Image

from services.worker.imaging.pixels.cutting import gravity_shares
from services.worker.imaging.sizes import Size
from shared.recipes import Position

_STRIP_PIXELS = 2**20


def place(outer: Size, inner: Size, position: Position, margin: int) -> Size:
    """Give the left and top at which something of size `inner` lies in `outer`; negative where it is larger."""
    across, down = gravity_shares(position)
    return _at(outer[0], inner[0], across, margin), _at(outer[1], inner[1], down, margin)


def _at(outer: int, inner: int, share: float, margin: int) -> int:
    margin = min(margin, max(0, (outer - inner) // 2))
    return round(margin + (outer - inner - 2 * margin) * share)


def tiles(outer: Size, inner: Size, gap: int) -> Iterator[Size]:
    """Give the left and top of every copy that covers `outer`; each second row is shifted by half. None overlap."""
    across, down = inner[0] + gap, inner[1] + gap
    for row, top in enumerate(range(-gap // 2, outer[1], down)):
        for left in range(-(across // 2 if row % 2 else 0), outer[0], across):
            yield left, top


def laid_over(image: Image.Image, layer: Image.Image) -> Image.Image:
    """Give the image under an RGBA layer of its size, in RGBA if it has transparency and in RGB otherwise.

    Strip by strip: with the whole image in RGBA, under the layer and in RGB, there would be two more of it.
    """
    made = Image.new("RGBA" if image.mode in {"LA", "RGBA"} else "RGB", image.size)
    made.info = dict(image.info)
    rows = max(1, _STRIP_PIXELS // image.width)
    for top in range(0, image.height, rows):
        strip = (0, top, image.width, min(top + rows, image.height))
        blended = Image.alpha_composite(image.crop(strip).convert("RGBA"), layer.crop(strip))
        made.paste(blended.convert(made.mode), (0, top))
    return made


def with_opacity(layer: Image.Image, opacity: float) -> Image.Image:
    """Give an RGBA image that lets more of what is behind it through."""
    layer.putalpha(layer.getchannel("A").point(lambda value: round(value * opacity)))
    return layer

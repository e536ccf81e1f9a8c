"""How sharp and how well exposed an image is."""

from PIL import Image, ImageFilter, ImageStat

from services.worker.imaging.pixels.colour import split_alpha
from shared.documents import Quality

_LAPLACIAN = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)
_SMALLEST_SIDE = 3
_DARK_TO, _BRIGHT_FROM = 5, 250
_WHITE = 255
_VISIBLE = 128


def quality_of(image: Image.Image) -> Quality:
    """Measure an L, LA, RGB or RGBA image. What is transparent is neither dark nor bright, and not sharp either."""
    colours, alpha = split_alpha(image)
    grey = colours.convert("L")
    counts = grey.histogram(None if alpha is None else alpha.point(lambda value: _WHITE * (value > 0), "1"))
    total = sum(counts) or 1
    return Quality(
        sharpness=_sharpness(grey, alpha),
        brightness=round(sum(value * count for value, count in enumerate(counts)) / total / _WHITE, 3),
        dark_share=round(sum(counts[: _DARK_TO + 1]) / total, 3),
        bright_share=round(sum(counts[_BRIGHT_FROM:]) / total, 3),
    )


def _sharpness(grey: Image.Image, alpha: Image.Image | None) -> float:
    """The variance of the Laplacian (Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", 2000)."""
    if min(grey.size) < _SMALLEST_SIDE:
        return 0.0
    # The filter leaves a frame of one pixel as it was.
    inside = (1, 1, grey.width - 1, grey.height - 1)
    edges = grey.filter(_LAPLACIAN).crop(inside)
    if alpha is None:
        return round(ImageStat.Stat(edges).var[0], 1)
    # Only where neither a pixel nor its neighbours are more hidden than seen.
    seen = alpha.filter(ImageFilter.MinFilter(3)).point(lambda value: _WHITE * (value >= _VISIBLE)).crop(inside)
    return round(ImageStat.Stat(edges, seen).var[0], 1) if seen.getbbox() else 0.0

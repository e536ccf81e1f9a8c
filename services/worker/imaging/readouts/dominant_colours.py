"""The colours that an image consists of mostly."""

from collections import Counter

from PIL import Image, ImageChops, ImageStat

from shared.documents import ColourShare

_SIDE = 96
_VISIBLE = 128
"""Pixels that are less opaque than half do not count."""

_STARTS = (Image.Quantize.MEDIANCUT, Image.Quantize.MAXCOVERAGE)
"""Where k-means may begin. From boxes of as many pixels each it may never find a colour that has few, and from the
colours that are farthest from each other it may end with a few stray pixels for one."""


def dominant_colours(image: Image.Image, limit: int) -> tuple[ColourShare, ...]:
    """Give at most so many colours of an L, LA, RGB or RGBA image, the largest share first; none if all is hidden."""
    visible = _visible_pixels(image)
    if not visible:
        return ()
    row = Image.frombytes("RGB", (len(visible) // 3, 1), visible)
    found = [_reduced(row, limit, start) for start in _STARTS]
    reduced = min(found, key=lambda candidate: _difference(candidate, row)).tobytes()
    counts = Counter(reduced[at : at + 3] for at in range(0, len(reduced), 3))
    ranked = sorted(counts.items(), key=lambda counted: (-counted[1], counted[0]))
    return tuple(
        ColourShare(colour=f"#{colour.hex()}", share=round(count / row.width, 3)) for colour, count in ranked[:limit]
    )


def _reduced(image: Image.Image, limit: int, start: Image.Quantize) -> Image.Image:
    """Give the image in so many colours, each moved to the middle of its pixels by k-means."""
    return image.quantize(limit, start, kmeans=3, dither=Image.Dither.NONE).convert("RGB")


def _difference(one: Image.Image, other: Image.Image) -> float:
    """Give the sum of the squares, which k-means makes small."""
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).sum2)


def _visible_pixels(image: Image.Image) -> bytes:
    small = image.copy()
    # Without mixing, so that the edge of a red and a blue half is not purple.
    small.thumbnail((_SIDE, _SIDE), Image.Resampling.NEAREST)
    values = small.convert("RGBA").tobytes()
    return b"".join(values[at : at + 3] for at in range(0, len(values), 4) if values[at + 3] >= _VISIBLE)

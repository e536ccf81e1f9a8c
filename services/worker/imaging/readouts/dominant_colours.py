"""The colours that an image consists of mostly."""

from collections import Counter

from PIL import Image

from shared.documents import ColourShare

_SIDE = 96
_VISIBLE = 128
"""Pixels that are less opaque than half do not count."""


def dominant_colours(image: Image.Image, most: int) -> tuple[ColourShare, ...]:
    """Give at most so many colours of an L, LA, RGB or RGBA image, the largest share first; none if all is hidden."""
    visible = _visible_pixels(image)
    if not visible:
        return ()
    row = Image.frombytes("RGB", (len(visible) // 3, 1), visible)
    # The k-means passes move each colour from the middle of its box to the middle of its pixels.
    reduced = row.quantize(most, Image.Quantize.MEDIANCUT, kmeans=3, dither=Image.Dither.NONE).convert("RGB").tobytes()
    counts = Counter(reduced[at : at + 3] for at in range(0, len(reduced), 3))
    ranked = sorted(counts.items(), key=lambda counted: (-counted[1], counted[0]))
    return tuple(
        ColourShare(colour=f"#{colour.hex()}", share=round(count / row.width, 3)) for colour, count in ranked[:most]
    )


def _visible_pixels(image: Image.Image) -> bytes:
    small = image.copy()
    # Without mixing, so that the edge of a red and a blue half is not purple.
    small.thumbnail((_SIDE, _SIDE), Image.Resampling.NEAREST)
    values = small.convert("RGBA").tobytes()
    return b"".join(values[at : at + 3] for at in range(0, len(values), 4) if values[at + 3] >= _VISIBLE)

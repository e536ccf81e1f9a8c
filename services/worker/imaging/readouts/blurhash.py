"""A BlurHash: what a browser paints while a print is still loading."""

import blurhash
from PIL import Image

_SIDE = 32
"""Of more pixels it would be no better, and Python looks at each of them a dozen times."""

_MORE, _LESS = 4, 3


def blurhash_of(image: Image.Image) -> str:
    """Give the BlurHash of an L or RGB image, of four by three waves, the more along the longer side."""
    # Square for images of all proportions: along one or two pixels the waves would not cancel each other out.
    small = image.convert("RGB").resize((_SIDE, _SIDE), Image.Resampling.BOX)
    values = small.tobytes()
    pixels = [list(values[at : at + 3]) for at in range(0, len(values), 3)]
    rows = [pixels[start : start + small.width] for start in range(0, len(pixels), small.width)]
    across, down = (_MORE, _LESS) if image.width >= image.height else (_LESS, _MORE)
    return str(blurhash.encode(rows, across, down))

"""dHash, a perceptual hash: in which directions an image grows darker (Neal Krawetz, "Kind of like that", 2013)."""

from itertools import pairwise

from PIL import Image

_SIDE = 8


def dhash64(image: Image.Image) -> str:
    """Give 64 bits as 16 hexadecimal digits, row by row from the top left: 1 where a pixel's right neighbour is darker.

    Scaling and compression change few of them: copies of a photograph differ in 0 to 5 bits, others in some 32.
    """
    small = image.convert("L").resize((_SIDE + 1, _SIDE), Image.Resampling.LANCZOS)
    values = small.tobytes()
    bits = 0
    for start in range(0, len(values), _SIDE + 1):
        for left, right in pairwise(values[start : start + _SIDE + 1]):
            bits = bits << 1 | (left > right)
    return f"{bits:016x}"

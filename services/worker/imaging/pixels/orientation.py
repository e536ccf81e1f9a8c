"""EXIF orientation: which way the camera was held."""

from PIL import ExifTags, Image

from services.worker.imaging.sizes import Part, Size

UPRIGHT = 1

_TRANSPOSES = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = frozenset({5, 6, 7, 8})
_MIRRORED_ACROSS = frozenset({2, 3, 7, 8})
_MIRRORED_DOWN = frozenset({3, 4, 6, 7})


def read_orientation(image: Image.Image) -> int:
    """Give the EXIF orientation, 1 to 8; 1 where there is none or the EXIF is broken.

    For JPEG this reads the header only. For PNG Pillow decodes the whole image.
    """
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, UPRIGHT)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - the EXIF parser raises nearly anything, and the pixels may still be good
        return UPRIGHT
    return value if isinstance(value, int) and value in _TRANSPOSES else UPRIGHT


def is_sideways(orientation: int) -> bool:
    """Tell whether turning the image upright swaps its width and height."""
    return orientation in _SIDEWAYS


def as_stored(part: Part, size: Size, orientation: int) -> Part:
    """Give where a part of the upright image lies in the image as it is stored, which has that size."""
    left, top, right, bottom = part
    if orientation in _SIDEWAYS:
        # Mirrored at its diagonal, the image lies as one of the other four.
        left, top, right, bottom = top, left, bottom, right
    if orientation in _MIRRORED_ACROSS:
        left, right = size[0] - right, size[0] - left
    if orientation in _MIRRORED_DOWN:
        top, bottom = size[1] - bottom, size[1] - top
    return left, top, right, bottom


def turn_upright(image: Image.Image, orientation: int) -> Image.Image:
    """Turn the pixels as the orientation says; ImageOps.exif_transpose would load first and so forbid `draft`."""
    transpose = _TRANSPOSES.get(orientation)
    return image if transpose is None else image.transpose(transpose)

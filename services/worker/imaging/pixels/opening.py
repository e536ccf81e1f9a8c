"""Open untrusted bytes, with the limits checked that need no pixels, and name what goes wrong from then on."""

import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import AvifImagePlugin, Image, ImageFile, PngImagePlugin, UnidentifiedImageError

from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.files.avif_aperture import clean_aperture
from services.worker.imaging.files.checks import check_size, max_pixels, too_many_pixels
from services.worker.imaging.files.gif_blocks import with_clear_canvas
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.pixels.colour import scale_transparency
from services.worker.imaging.pixels.png_colours import heed_colour_chunks
from shared.failure_codes import FailureCode
from shared.image_types import ImageFormat
from shared.note_codes import NoteCode

# Pillow allows 64 MiB of packed text in a PNG, of which nothing is used here, but only 1 MiB for one text or the colour
# profile: honest profiles have up to 4 MiB.
PngImagePlugin.MAX_TEXT_MEMORY = 8 * 2**20
PngImagePlugin.MAX_TEXT_CHUNK = 4 * 2**20

# There is a child for each core already.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1

# What Pillow's messages say of either: it has no class of error for them.
_PNG_TEXT_LIMITS = "MAX_TEXT_"


@contextmanager
def named_failures(image_format: ImageFormat, limits: ImageLimits) -> Iterator[None]:
    """Turn what Pillow raises into ImageRejected: `too_many_pixels`, `too_much_metadata`, `unreadable`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of damage that it copes with
            warnings.simplefilter("error", Image.DecompressionBombWarning)  # only twice the limit is an error itself
            yield
    except (ImageRejected, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise too_many_pixels(max_pixels(image_format, limits)) from error
    except Exception as error:
        if _PNG_TEXT_LIMITS in str(error):
            raise ImageRejected.because(
                FailureCode.TOO_MUCH_METADATA, "The texts or the colour profile of this PNG are too large."
            ) from error
        # Pillow raises nearly anything on damaged files: SyntaxError, struct.error, IndexError, OSError ...
        raise ImageRejected.because(FailureCode.UNREADABLE, _sentence(image_format, error)) from error


def open_image(data: bytes, image_format: ImageFormat, limits: ImageLimits) -> ImageFile.ImageFile:
    """Open an image without decoding it; within `named_failures`."""
    # Pillow keeps this for the whole process, which is a child that opens one image at a time.
    Image.MAX_IMAGE_PIXELS = max_pixels(image_format, limits)
    cleared = with_clear_canvas(data) if image_format == "gif" else data
    image = Image.open(io.BytesIO(cleared), formats=[image_format.upper()])
    check_size(image.size, Image.MAX_IMAGE_PIXELS, limits)
    scale_transparency(image)
    if cleared is not data:
        image.info["default_image"] = True  # the frame of nothing; Pillow says so of an APNG's
    if image_format == "png":
        heed_colour_chunks(image, data)
    return image


def first_frame(image: Image.Image) -> int:
    """Give the number of the first frame of an opened animation: a still image may be before it."""
    return int(bool(image.info.get("default_image")))


def shown_part(image: Image.Image, data: bytes, image_format: ImageFormat) -> tuple[Image.Image, tuple[str, ...]]:
    """Give the part that the owner of an AVIF kept, all of others; or all and the note `crop_ignored`."""
    try:
        part = clean_aperture(data, image.size) if image_format == "avif" else None
    except (ValueError, ZeroDivisionError, IndexError, struct.error):
        return image, (NoteCode.CROP_IGNORED,)
    return (image if part is None else image.crop(part)), ()


def _sentence(image_format: ImageFormat, error: Exception) -> str:
    name = {"webp": "WebP"}.get(image_format, image_format.upper())
    detail = "" if isinstance(error, UnidentifiedImageError) else f" ({error})"
    return f"This {name} file is damaged or incomplete{detail}."

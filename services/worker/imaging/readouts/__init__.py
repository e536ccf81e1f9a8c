"""What is read of an original beside making its prints: one module for each readout."""

from PIL import Image

from services.worker.imaging.pixels.colour import expand, flatten_on_white, to_srgb
from services.worker.imaging.pixels.decoding import Decoded
from services.worker.imaging.pixels.orientation import read_orientation, turn_upright
from services.worker.imaging.readouts.blurhash import blurhash_of
from services.worker.imaging.readouts.difference_hash import dhash64
from services.worker.imaging.readouts.dominant_colours import dominant_colours
from services.worker.imaging.readouts.exif import read_exif, read_place
from services.worker.imaging.readouts.quality import quality_of
from services.worker.imaging.sizes import Size, fitted_size, resample
from shared.documents import Readings
from shared.note_codes import NoteCode
from shared.recipes import Box, Readouts

__all__ = ["read_original", "sample_size"]

SAMPLE_SIDE = 512
"""All that is seen in an image is seen in a copy of this longer side, so that figures of different sizes compare."""


def sample_size(size: Size) -> Size:
    """Give the size of the copy in which readouts look at an image of a size."""
    return fitted_size(size, Box(width=SAMPLE_SIDE, height=SAMPLE_SIDE))


def read_original(decoded: Decoded, asked: Readouts) -> tuple[Readings | None, str | None]:
    """Read what is asked for, and nothing else: None if that is nothing.

    Also gives the note `exif_ignored` if EXIF was asked for and cannot be read.
    """
    if asked == Readouts():
        return None, None
    readings = _seen(_upright_sample(decoded), asked) if asked.need_pixels else Readings()
    try:
        exif = read_exif(decoded.image) if asked.exif else None
        place = read_place(decoded.image) if asked.gps else None
    except Exception:  # noqa: BLE001 - the EXIF parser raises nearly anything, and the image is good
        return readings, NoteCode.EXIF_IGNORED
    return readings.model_copy(update={"exif": exif, "gps": place}), None


def _seen(sample: Image.Image, asked: Readouts) -> Readings:
    flat = flatten_on_white(sample)
    return Readings(
        dhash64=dhash64(flat) if asked.perceptual_hash else None,
        colours=dominant_colours(sample, asked.colours) if asked.colours else (),
        blurhash=blurhash_of(flat) if asked.placeholder else None,
        quality=quality_of(sample) if asked.quality else None,
    )


def _upright_sample(decoded: Decoded) -> Image.Image:
    """A small upright sRGB copy, whether or not the recipe turns its prints upright."""
    small = resample(expand(decoded.image), sample_size(decoded.size), decoded.region)
    return turn_upright(to_srgb(small)[0], read_orientation(decoded.image))

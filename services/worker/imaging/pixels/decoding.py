"""Decode untrusted bytes, with every limit checked before the pixels are."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from PIL import Image, ImageFile

from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.files.checks import check_before_opening, check_size, max_pixels, too_many_pixels
from services.worker.imaging.files.gif_blocks import count_gif_frames
from services.worker.imaging.files.jpeg_ends import bring_to_end, cut_off_appendix
from services.worker.imaging.files.jpeg_frames import coefficient_bytes
from services.worker.imaging.files.one_pass import rewrite_in_one_pass
from services.worker.imaging.files.png_chunks import without_untrusted_chunks
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.pixels.inks import are_inverted, take_inks_as_stored
from services.worker.imaging.pixels.jpeg_pixels import load_jpeg
from services.worker.imaging.pixels.kept_memory import MUCH_MEMORY_BYTES, release_kept_memory
from services.worker.imaging.pixels.opening import first_frame, named_failures, open_image, shown_part
from services.worker.imaging.pixels.orientation import UPRIGHT, is_sideways, read_orientation
from services.worker.imaging.sizes import Region, Size, turned
from shared.image_types import ImageFormat, UnfitFile, recognise
from shared.note_codes import NoteCode

MAX_COUNTED_FRAMES = 10_000

# JPEG's DCT scaling (1/2, 1/4, 1/8) stops at this factor above the size that is needed; LANCZOS does the rest.
# 12 megapixels to 1600 px: 110 ms at 1.2 and 270 ms at 2, for an RMSE of 1 to 2 of 255, below JPEG's own loss at q82.
_DECODE_MARGIN = 1.2

# The file, libjpeg's coefficients and the decoded pixels, together: 400 MB with what a child takes anyway.
_MAX_HELD_BYTES = 350_000_000
_PIXEL_BYTES = 4
_DCT_SCALES = (8, 4, 2, 1)

Need = Callable[[Size], Size]
"""Gives for an upright image's size the size to which it may be shrunk at once."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A decoded image, perhaps smaller than the original.

    `size`: the original's, as stored. `region`: the part of `image` that holds the original's pixels (DCT scaling
    rounds sides up, so it may end within the last pixel). `orientation`: EXIF, 1 to 8. `frames`: those of an animation,
    of which `image` is the first, counted up to 10,000. `notes`: what was wrong with the file, as in `Original.notes`.
    """

    image: Image.Image
    size: Size
    region: Region
    format: ImageFormat
    orientation: int
    frames: int = 1
    notes: tuple[str, ...] = ()

    @property
    def upright_size(self) -> Size:
        """The original's size when it is turned upright."""
        return turned(self.size) if is_sideways(self.orientation) else self.size


def decode(original: ImageBytes, limits: ImageLimits, need: Need, *, orient: bool, finer: float = 1.0) -> Decoded:
    """Decode an image to at least the size that is needed of it, so many times finer if there is room for that.

    A JPEG's bytes are let go. Raises ImageRejected: `empty_file`, `unsupported_format`, `unreadable`, and what
    `check_before_opening` raises.
    """
    image_format = recognise(original.data)
    if isinstance(image_format, UnfitFile):
        raise ImageRejected(image_format.code, image_format.message)
    check_before_opening(original.data, image_format, limits)
    with named_failures(image_format, limits):
        if image_format == "jpeg":
            return _decode_jpeg(original, limits, need, orient=orient, finer=finer)
        return _decode_whole(original, image_format, limits, orient=orient)


def _decode_jpeg(original: ImageBytes, limits: ImageLimits, need: Need, *, orient: bool, finer: float) -> Decoded:
    notes = bring_to_end(original)
    decode_once = partial(_decode_jpeg_once, original, limits, need, orient=orient, finer=finer)
    decoded, is_sound = decode_once(is_cut=NoteCode.END_MISSING in notes)
    if not is_sound and cut_off_appendix(original):
        # It ends with the end of something else, so its own came too early to judge its pixels by it.
        decoded, is_sound = decode_once(is_cut=False)
    original.data = b""
    # What is left over in a file without end may be anything; in others it was meant to be pixels.
    damage = () if is_sound or notes else (NoteCode.DAMAGED,)
    return replace(decoded, notes=notes + damage + decoded.notes)


def _decode_jpeg_once(
    original: ImageBytes, limits: ImageLimits, need: Need, *, orient: bool, finer: float, is_cut: bool
) -> tuple[Decoded, bool]:
    image = open_image(original.data, "jpeg", limits)
    # Of the original: jpegtran gives each CMYK file Adobe's marker.
    is_guessed = image.mode == "CMYK" and "adobe" not in image.info
    is_stored_plainly = is_guessed and not _inks_are_inverted(original.data, limits)
    size = image.size
    # Before load(), which forbids scaling; exif_transpose would load.
    orientation = read_orientation(image) if orient else UPRIGHT
    least = turned(need(turned(size))) if is_sideways(orientation) else need(size)
    held, decoded = _held_meanwhile(original.data), _decoded_bytes(size, least)
    if not _has_room(decoded, held, limits) and _has_room(decoded, 0, limits):
        release_kept_memory()
        if rewrite_in_one_pass(original):
            image, held = open_image(original.data, "jpeg", limits), 0
    if is_stored_plainly:
        take_inks_as_stored(image)
    region = _scale_while_decoding(image, least, finer, held, limits)
    _check_decoded(image, limits)
    is_sound = load_jpeg(image, original.data, is_cut=is_cut)
    if image.fp is not None:
        image.fp.close()  # an image that has a second picture would keep it
    return Decoded(image, size, region, "jpeg", orientation, notes=(NoteCode.INKS_GUESSED,) * is_guessed), is_sound


def _inks_are_inverted(data: bytes, limits: ImageLimits) -> bool:
    """Look at the inks in a small copy, as a large one is to be decoded the right way round at once."""
    image = open_image(data, "jpeg", limits)
    take_inks_as_stored(image)
    # At the smallest scale, an eighth of each side.
    image.draft(None, (1, 1))
    _check_decoded(image, limits)
    load_jpeg(image, data)
    return are_inverted(image)


def _decode_whole(original: ImageBytes, image_format: ImageFormat, limits: ImageLimits, *, orient: bool) -> Decoded:
    notes = _leave_out_untrusted_chunks(original) if image_format == "png" else ()
    opened = open_image(original.data, image_format, limits)
    _check_decoded(opened, limits)
    opened.load()
    orientation = read_orientation(opened) if orient else UPRIGHT
    frames = _frames(opened, original.data, image_format)
    if image_format == "gif" and first_frame(opened):
        opened.seek(first_frame(opened))
        opened.load()
        # A frame that is larger than the canvas has stretched it.
        check_size(opened.size, max_pixels(image_format, limits), limits)
    image, contradiction = shown_part(opened, original.data, image_format)
    notes += contradiction
    notes += (NoteCode.COLOUR_IGNORED,) if NoteCode.COLOUR_IGNORED in opened.info else ()
    return Decoded(image, image.size, _whole(image.size), image_format, orientation, frames, notes)


def _leave_out_untrusted_chunks(original: ImageBytes) -> tuple[str, ...]:
    trusted = without_untrusted_chunks(original.data)
    is_whole = trusted is original.data
    original.data = trusted
    return () if is_whole else (NoteCode.CHUNKS_IGNORED,)


def _whole(size: Size) -> Region:
    return 0.0, 0.0, float(size[0]), float(size[1])


def _check_decoded(image: Image.Image, limits: ImageLimits) -> None:
    if image.width * image.height > limits.max_decoded_pixels:
        raise too_many_pixels(limits.max_decoded_pixels)


def _frames(image: ImageFile.ImageFile, data: bytes, image_format: ImageFormat) -> int:
    if image_format == "gif":
        return max(1, count_gif_frames(data, MAX_COUNTED_FRAMES))
    # A still image in front of an animation is none of its frames.
    counted = getattr(image, "n_frames", 1) - bool(image.info.get("default_image"))
    return min(counted, MAX_COUNTED_FRAMES)


def _scale_while_decoding(
    image: ImageFile.ImageFile, least: Size, finer: float, held: int, limits: ImageLimits
) -> Region:
    sizes = [(int(least[0] * margin), int(least[1] * margin)) for margin in (_DECODE_MARGIN * finer, _DECODE_MARGIN, 1)]
    wanted = next((size for size in sizes if _has_room(_decoded_bytes(image.size, size), held, limits)), least)
    if held + _decoded_bytes(image.size, wanted) > MUCH_MEMORY_BYTES:
        release_kept_memory()
    drafted = image.draft(None, wanted)
    return _whole(image.size) if drafted is None else drafted[1]


def _held_meanwhile(data: bytes) -> int:
    """Give how many bytes are held until a JPEG's last pixel is decoded; 0 if it is read in one pass."""
    # In one pass there are only pixels at the end, row by row.
    coefficients = coefficient_bytes(data)
    return coefficients and coefficients + len(data)


def _has_room(decoded: int, held: int, limits: ImageLimits) -> bool:
    return decoded <= _PIXEL_BYTES * limits.max_decoded_pixels and (not held or held + decoded <= _MAX_HELD_BYTES)


def _decoded_bytes(size: Size, wanted: Size) -> int:
    """Give how large an image is in memory when it is decoded to at least the wanted size."""
    limit = min(size[0] // wanted[0], size[1] // wanted[1])
    scale = next((scale for scale in _DCT_SCALES if scale <= limit), 1)
    return _PIXEL_BYTES * size[0] * size[1] // scale**2

"""Encode a finished image as a print, with nothing of the original's metadata."""

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import singledispatch
from typing import Any

from PIL import Image, ImageFile

from services.worker.imaging.pixels.colour import flatten_on_white
from services.worker.imaging.pixels.gif_colours import paletted
from services.worker.imaging.prints import EncodedPrint, encoded_print
from services.worker.imaging.sizes import Size
from shared.recipes import (
    AvifOutput,
    GifOutput,
    JpegOutput,
    OutputSpec,
    PngOutput,
    RecipePart,
    WebpOutput,
)

# From this quality on, chroma subsampling would be the larger loss.
_FULL_CHROMA_QUALITY = 90
_SUBSAMPLING_444, _SUBSAMPLING_420 = 0, 2

# From a quality on, bytes for each pixel that no JPEG of that quality takes. The worst noise, in which each channel is
# black or white, comes to 0.94 below 90, to 2.2 below 95, and to 3.3 at 100. A buffer of far more than that would be
# taken from what large freed images leave, and the encoder would have to ask for more memory.
_MAX_JPEG_BYTES_A_PIXEL = {95: 5.0, _FULL_CHROMA_QUALITY: 3.0, 0: 1.5}
# libjpeg fills blocks of up to 16 x 16 pixels up, which counts where a side is short.
_JPEG_BLOCK = 16
_MAX_JPEG_HEAD_BYTES = 2**17

# libjpeg and libavif have no memory; Pillow says so in these words.
_ENCODERS_OUT_OF_MEMORY = ("broken data stream when writing", "Failed to encode image")


def encode(image: Image.Image, output: OutputSpec, exif: bytes = b"") -> EncodedPrint:
    """Encode an L, LA, RGB or RGBA image as the output says; equal pixels give equal bytes.

    `exif` is all metadata that the print gets; a GIF has no place for it.
    """
    return encoded_print(output, image.size, _encode(output, image, exif))


@singledispatch
def _encode(output: RecipePart, image: Image.Image, exif: bytes) -> bytes:
    raise NotImplementedError(type(output).__name__)  # so that a new output cannot be forgotten here


@_encode.register
def _(output: JpegOutput, image: Image.Image, exif: bytes) -> bytes:
    subsampling = _SUBSAMPLING_444 if output.quality >= _FULL_CHROMA_QUALITY else _SUBSAMPLING_420
    with _room_for_a_jpeg(image.size, output.quality):
        return save(
            flatten_on_white(image),
            "JPEG",
            quality=output.quality,
            subsampling=subsampling,
            optimize=True,
            progressive=output.progressive,
            exif=exif,
        )


@contextmanager
def _room_for_a_jpeg(size: Size, quality: int) -> Iterator[None]:
    """Have Pillow give libjpeg a buffer that any JPEG of so many pixels fits into.

    An optimized or progressive JPEG is written in one go, and Pillow guesses that one byte for each pixel will do, or
    two from quality 95 on: noise at high quality takes more, and failed. Only JPEGs are to have it, as the bytes of a
    PNG depend on this number. What is not written to of the buffer takes address space, but no memory.
    """
    usual = ImageFile.MAXBLOCK
    # Of the whole process, which is a child that encodes one print at a time.
    ImageFile.MAXBLOCK = max(usual, _most_jpeg_bytes(size, quality))
    try:
        yield
    finally:
        ImageFile.MAXBLOCK = usual


def _most_jpeg_bytes(size: Size, quality: int) -> int:
    across, down = (-(-side // _JPEG_BLOCK) * _JPEG_BLOCK for side in size)
    limit = next(limit for least, limit in _MAX_JPEG_BYTES_A_PIXEL.items() if quality >= least)
    return math.ceil(limit * across * down) + _MAX_JPEG_HEAD_BYTES


@_encode.register
def _(output: WebpOutput, image: Image.Image, exif: bytes) -> bytes:
    return save(image, "WEBP", quality=output.quality, method=output.effort, lossless=output.lossless, exif=exif)


@_encode.register
def _(output: AvifOutput, image: Image.Image, exif: bytes) -> bytes:
    # One thread: the bytes depend on their number.
    return save(
        image, "AVIF", quality=output.quality, speed=output.speed, subsampling="4:2:0", max_threads=1, exif=exif
    )


@_encode.register
def _(_output: PngOutput, image: Image.Image, exif: bytes) -> bytes:
    return save(image, "PNG", compress_level=6, exif=exif)


@_encode.register
def _(output: GifOutput, image: Image.Image, _exif: bytes) -> bytes:
    return save(paletted(image, output.colours), "GIF")


def save(image: Image.Image, encoder: str, **options: Any) -> bytes:
    """Give the image as a file, with nothing from its `info` but which of a palette's colours is transparent."""
    # Pillow would write all frames of a file that is still open.
    image = image.copy() if isinstance(image, ImageFile.ImageFile) else image
    info = image.info
    # Pillow's encoders take comments, profiles, resolution and text from here unless they are passed.
    image.info = {name: value for name, value in info.items() if name == "transparency" and image.mode == "P"}
    written = io.BytesIO()
    try:
        image.save(written, encoder, **options)
    except (OSError, RuntimeError) as error:
        if str(error).startswith(_ENCODERS_OUT_OF_MEMORY):
            raise MemoryError(str(error)) from error
        raise
    finally:
        image.info = info
    return written.getvalue()

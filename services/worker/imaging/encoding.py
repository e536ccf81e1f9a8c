"""Encode a finished image as a print, with nothing of the original's metadata."""

import io
from functools import singledispatch
from typing import Any

from PIL import Image, ImageFile

from services.worker.imaging.colour import flatten_on_white
from services.worker.imaging.gif_colours import paletted
from services.worker.imaging.prints import Print
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

# libjpeg and libavif have no memory; Pillow says so in these words.
_ENCODERS_OUT_OF_MEMORY = ("broken data stream when writing", "Failed to encode image")


def encode(image: Image.Image, output: OutputSpec, exif: bytes = b"") -> Print:
    """Encode an L, LA, RGB or RGBA image as the output says; equal pixels give equal bytes.

    `exif` is all metadata that the print gets; a GIF has no place for it.
    """
    extension = "jpg" if output.format == "jpeg" else output.format
    data = _encode(output, image, exif)
    return Print(output.name, extension, f"image/{output.format}", image.width, image.height, data)


@singledispatch
def _encode(output: RecipePart, image: Image.Image, exif: bytes) -> bytes:
    raise NotImplementedError(type(output).__name__)  # an output that has no encoder below


@_encode.register
def _(output: JpegOutput, image: Image.Image, exif: bytes) -> bytes:
    subsampling = _SUBSAMPLING_444 if output.quality >= _FULL_CHROMA_QUALITY else _SUBSAMPLING_420
    return save(
        flatten_on_white(image),
        "JPEG",
        quality=output.quality,
        subsampling=subsampling,
        optimize=True,
        progressive=output.progressive,
        exif=exif,
    )


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
    # Pillow's encoders take comments, profiles, resolution and text from here when they are not told otherwise.
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

"""Pillow as its tutorial has it: open, turn upright, shrink a copy for each print, save."""

import io

from PIL import Image, ImageOps

from bench.images.engines.asked import AskedPrint, webp_effort


def develop(data: bytes, asked: list[AskedPrint]) -> list[bytes]:
    """Develop one image."""
    with Image.open(io.BytesIO(data)) as opened:
        image = ImageOps.exif_transpose(opened).convert("RGB")
    return [_print(image, one) for one in asked]


def _print(image: Image.Image, asked: AskedPrint) -> bytes:
    shrunk = image.copy()
    shrunk.thumbnail((asked["side"], asked["side"]), Image.Resampling.LANCZOS)
    written = io.BytesIO()
    if asked["format"] == "webp":
        shrunk.save(written, "WEBP", quality=asked["quality"], **webp_effort(asked, "method"))
    else:
        shrunk.save(written, "JPEG", quality=asked["quality"], optimize=True)
    return written.getvalue()

"""The fewest calls of Pillow that make Darkroom's very prints, with nothing that keeps a worker safe."""

import io

from PIL import Image, ImageOps

from bench.images.engines.asked import AskedPrint
from shared.recipes import WebpOutput

DECODE_MARGIN = 1.2
REDUCING_GAP = 2.0
_DARKROOMS_EFFORT = WebpOutput(name="print").effort


def develop(data: bytes, asked: list[AskedPrint]) -> list[bytes]:
    """Develop one image."""
    return [written(image, one) for image, one in zip(shrunk(data, asked), asked, strict=True)]


def shrunk(data: bytes, asked: list[AskedPrint]) -> list[Image.Image]:
    """Give the pixels of every print."""
    image: Image.Image
    with Image.open(io.BytesIO(data)) as opened:
        scale = asked[0]["side"] / max(opened.size)
        size = round(opened.width * scale), round(opened.height * scale)
        drafted = opened.draft(None, (int(size[0] * DECODE_MARGIN), int(size[1] * DECODE_MARGIN)))
        box = drafted[1] if drafted else None
        image = opened.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=REDUCING_GAP)
    ImageOps.exif_transpose(image, in_place=True)
    made = [image]
    for one in asked[1:]:
        smaller = round(image.width * one["side"] / max(size)), round(image.height * one["side"] / max(size))
        made.append(image.resize(smaller, Image.Resampling.LANCZOS, reducing_gap=REDUCING_GAP))
    return made


def written(image: Image.Image, asked: AskedPrint) -> bytes:
    """Encode a print."""
    file = io.BytesIO()
    if asked["format"] == "webp":
        effort = asked.get("effort", _DARKROOMS_EFFORT)
        image.save(file, "WEBP", quality=asked["quality"], method=effort, exif=b"")
    else:
        image.save(file, "JPEG", quality=asked["quality"], optimize=True, exif=b"")
    return file.getvalue()

"""Pixels as libvips decodes them: a second opinion on what Pillow gave."""

import pyvips
from PIL import Image, ImageChops, ImageStat


def decode_with_libvips(data: bytes, *, upright: bool = False) -> Image.Image:
    """Give a file's first frame as libvips shows it: in sRGB, cropped as the file says."""
    image = pyvips.Image.new_from_buffer(data, "")
    image = image.autorot() if upright else image
    image = image.colourspace("srgb").cast("uchar")
    mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[image.bands]
    return Image.frombytes(mode, (image.width, image.height), bytes(image.write_to_memory()))


def difference(one: Image.Image, other: Image.Image) -> float:
    """Give the largest mean difference of a channel, 0 to 255; the sizes must be equal."""
    assert one.size == other.size
    return max(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).mean)

"""libvips as its manual advises: shrink on load, then the smaller prints from the larger one in memory."""

import pyvips

from bench.images.engines.asked import AskedPrint, webp_effort

# Off: it would answer the second time from memory.
pyvips.cache_set_max(0)


def develop(data: bytes, asked: list[AskedPrint]) -> list[bytes]:
    """Develop one image."""
    largest, *smaller = asked
    # Without export_profile: no file measured has a profile, and libvips would convert from sRGB to sRGB.
    image = pyvips.Image.thumbnail_buffer(data, largest["side"], height=largest["side"], size="down")
    if not smaller:
        return [_written(image, largest)]
    image = image.copy_memory()
    shrunk = [image.thumbnail_image(one["side"], height=one["side"], size="down") for one in smaller]
    return [_written(made, one) for made, one in zip([image, *shrunk], asked, strict=True)]


def _written(image: pyvips.Image, asked: AskedPrint) -> bytes:
    if asked["format"] == "webp":
        return bytes(image.webpsave_buffer(Q=asked["quality"], **webp_effort(asked, "effort"), strip=True))
    return bytes(image.jpegsave_buffer(Q=asked["quality"], optimize_coding=True, strip=True))

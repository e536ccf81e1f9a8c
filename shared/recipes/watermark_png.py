"""The image of a watermark, as far as it can be looked at without a decoder."""

import base64
import struct

from shared.recipes.values import rule_broken

MAX_WATERMARK_PIXELS = 4_000_000

_HEAD = struct.Struct(">8sI4sII")
_BEGINNING = (b"\x89PNG\r\n\x1a\n", 13, b"IHDR")


def check_watermark_png(encoded: str) -> None:
    """Raise the error of a broken rule if this is not the Base64 of a PNG, or of one that declares too many pixels."""
    try:
        *beginning, width, height = _HEAD.unpack_from(base64.b64decode(encoded, validate=True))
    except (ValueError, struct.error):
        raise rule_broken("this is not a PNG in Base64") from None
    if tuple(beginning) != _BEGINNING or not width * height:
        raise rule_broken("this is not a PNG in Base64")
    if width * height > MAX_WATERMARK_PIXELS:
        raise rule_broken("the PNG has more than 4 megapixels")

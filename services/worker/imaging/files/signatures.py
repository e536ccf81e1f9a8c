"""Tell an image's format from its first bytes: file names and Content-Type are a client's word only."""

import re
from typing import Literal

from services.worker.imaging.failures import ImageRejected

ImageFormat = Literal["jpeg", "png", "webp", "gif", "avif"]

_ACCEPTED: tuple[tuple[re.Pattern[bytes], ImageFormat], ...] = (
    (re.compile(rb"\xff\xd8\xff"), "jpeg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "png"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "webp"),
    (re.compile(rb"GIF8[79]a"), "gif"),
    # Some name the general brand first, and AVIF among those that they are compatible with.
    (re.compile(rb"....ftyp(?:avi[fs]|m[is]f1....(?:....)*?avi[fs])", re.DOTALL), "avif"),
)

# Known, so that their owner reads the format's name instead of "not an image".
_REFUSED: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"II[*+]\x00|MM\x00[*+]"), "TIFF or camera raw"),
    (re.compile(rb"....ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)", re.DOTALL), "HEIC"),
    (re.compile(rb"....ftyp", re.DOTALL), "video"),
    (re.compile(rb"\xff\x0a|\x00\x00\x00\x0cJXL "), "JPEG XL"),
    (re.compile(rb"\x00\x00\x00\x0cjP  |\xff\x4f\xff\x51"), "JPEG 2000"),
    (re.compile(rb"BM....\0\0\0\0", re.DOTALL), "BMP"),
    (re.compile(rb"8BPS"), "Photoshop"),
    (re.compile(rb"\x00\x00\x01\x00"), "ICO"),
    (re.compile(rb"%PDF"), "PDF"),
    (re.compile(rb"%!PS|\xc5\xd0\xd3\xc6"), "PostScript"),
    (re.compile(rb"\s*<(?:\?xml[^>]*>\s*<)?(?:!--.*?-->\s*<)?svg", re.DOTALL), "SVG"),
    (re.compile(rb"PK\x03\x04"), "ZIP"),
)


def recognise(data: bytes) -> ImageFormat:
    """Give the format of an image that can be developed.

    Raises ImageRejected: `empty_file`, `unsupported_format` (the format is named), `unreadable` (not an image).
    """
    if not data:
        raise ImageRejected("empty_file", "The file is empty.")
    head = data[:256]
    for pattern, accepted in _ACCEPTED:
        if pattern.match(head):
            return accepted
    for pattern, name in _REFUSED:
        if pattern.match(head):
            raise ImageRejected(
                "unsupported_format", f"This is a {name} file. Please send JPEG, PNG, WebP, GIF or AVIF."
            )
    raise ImageRejected("unreadable", "This is not an image, or its beginning is damaged.")

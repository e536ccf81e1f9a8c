"""Tell a file's type from its first bytes: its name and its Content-Type prove nothing."""

import codecs
import re
import zlib
from dataclasses import dataclass
from typing import Literal, TypeGuard, get_args

from shared.failure_codes import FailureCode

ImageFormat = Literal["jpeg", "png", "webp", "gif", "avif"]


def is_image_format(name: str) -> TypeGuard[ImageFormat]:
    """Whether images of a format of that name are developed."""
    return name in get_args(ImageFormat)


HEAD_BYTES = 1024
"""So many first bytes decide. All but SVG, which may begin with a long comment, are known by far fewer."""

_ACCEPTED: tuple[tuple[re.Pattern[bytes], ImageFormat], ...] = (
    (re.compile(rb"\xff\xd8\xff"), "jpeg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "png"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "webp"),
    (re.compile(rb"GIF8[79]a"), "gif"),
)

_SVG = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:[?!].*<)?svg[\s>/]", re.DOTALL)
_GZIP = b"\x1f\x8b"

_UNSUPPORTED: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"II\*\x00....CR", re.DOTALL), "camera raw"),
    (re.compile(rb"II[*+]\x00|MM\x00[*+]"), "TIFF or camera raw"),
    (
        re.compile(rb"IIU\x00|IIR[OS]|MMOR|II\x1a\x00{3}HEAP|FUJIFILMCCD-RAW|FOVb|\x00MRM|....ftypcrx ", re.DOTALL),
        "camera raw",
    ),
    (re.compile(rb"....ftyp(?:hei[cxms]|hev[cxms]|avc[is]|mif1|msf1)", re.DOTALL), "HEIC"),
    (re.compile(rb"....ftypM4[AB] |RIFF....WAVE|ID3[\x02-\x04]\x00|OggS|fLaC|\xff\xfb", re.DOTALL), "audio"),
    (re.compile(rb"....(?:ftyp|moov|mdat)|\x00...(?:wide|free|skip)|\x1aE\xdf\xa3", re.DOTALL), "video"),
    (re.compile(rb"RIFF....AVI |\x00\x00\x01[\xb3\xba]|FLV\x01|\x30\x26\xb2\x75\x8e\x66\xcf\x11", re.DOTALL), "video"),
    (re.compile(rb"(?:.{4}\x47.{187}){3}|(?:\x47.{187}){3}", re.DOTALL), "video"),
    (re.compile(rb"\xff\x0a|\x00\x00\x00\x0cJXL "), "JPEG XL"),
    (re.compile(rb"\x00\x00\x00\x0cjP  |\xff\x4f\xff\x51"), "JPEG 2000"),
    (re.compile(rb"BM....\0\0\0\0", re.DOTALL), "BMP"),
    (re.compile(rb"8BPS"), "Photoshop"),
    (re.compile(rb"\x00\x00\x01\x00"), "ICO"),
    (re.compile(rb"%PDF"), "PDF"),
    (re.compile(rb"%!PS|\xc5\xd0\xd3\xc6"), "PostScript"),
    (_SVG, "SVG"),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body)[\s>]", re.IGNORECASE), "HTML"),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xpacket|<x:xmpmeta|<\?xml.{1,300}<x:xmpmeta)", re.DOTALL), "XMP"),
    (re.compile(rb"<\?xml.{1,200}<!DOCTYPE plist", re.DOTALL), "property list of Apple"),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|!--)"), "XML, perhaps SVG"),
    (re.compile(rb"II\xbc\x01"), "JPEG XR"),
    (re.compile(rb"gimp xcf"), "GIMP"),
    (re.compile(rb"v/1\x01"), "OpenEXR"),
    (re.compile(rb"#\?R(?:ADIANCE|GBE)"), "Radiance HDR"),
    (re.compile(rb"qoif"), "QOI"),
    (re.compile(rb"P[1-7F]\s"), "Netpbm"),
    (re.compile(rb"DDS "), "DDS"),
    (re.compile(rb"AT&TFORM"), "DjVu"),
    (re.compile(rb".{128}DICM", re.DOTALL), "DICOM"),
    (re.compile(rb"PK\x03\x04.{26}\[Content_Types\]", re.DOTALL), "Office"),
    (re.compile(rb"PK(?:\x03\x04|\x05\x06)"), "ZIP"),
    (re.compile(rb"Rar!\x1a\x07|7z\xbc\xaf\x27\x1c|BZh[1-9]1AY|\xfd7zXZ\x00|\x28\xb5\x2f\xfd"), "compressed archive"),
    (re.compile(rb".{257}ustar", re.DOTALL), "tar archive"),
    (re.compile(rb"\x00\x00\x02\x00"), "cursor or Targa"),
    (re.compile(rb"icns\x00"), "icon of macOS"),
    (re.compile(rb"\x8aMNG\r\n|\x8bJNG\r\n"), "MNG or JNG"),
    (re.compile(rb"\xd7\xcd\xc6\x9a|\x01\x00{3}.{36} EMF", re.DOTALL), "Windows metafile"),
    (re.compile(rb"SIMPLE  ="), "FITS"),
    (re.compile(rb"BPG\xfb"), "BPG"),
    (re.compile(rb"SQLite format 3\x00"), "database"),
    (re.compile(rb"\x00\x05\x16\x07"), "AppleDouble"),
    (re.compile(rb"MZ\x90\x00|\x7fELF"), "program"),
    (re.compile(_GZIP), "gzip"),
    (re.compile(rb"\x00\x00\x00\x01Bud1"), ".DS_Store"),
    (re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "Thumbs.db or Office"),
)
"""Known, so that their owner reads the type's name instead of "not an image". The first that matches counts."""

_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


@dataclass(frozen=True)
class UnfitFile:
    """Why a file is no image that can be developed: a stable code, a sentence, and the type's name if it is known."""

    code: FailureCode
    message: str
    type_name: str | None = None


def recognise(data: bytes) -> ImageFormat | UnfitFile:
    """Give the format that these first bytes announce; all of a file that is shorter than `HEAD_BYTES`."""
    if not data:
        return UnfitFile(FailureCode.EMPTY_FILE, "The file is empty.")
    head = data[:HEAD_BYTES]
    for pattern, accepted in _ACCEPTED:
        if pattern.match(head):
            return accepted
    if _is_avif(head):
        return "avif"
    if type_name := _unsupported_type(head):
        return _unsupported(type_name)
    message = f"This is not an image, or its beginning is damaged. {FailureCode.UNREADABLE.advice}"
    return UnfitFile(FailureCode.UNREADABLE, message)


def _unsupported_type(head: bytes) -> str | None:
    if head.startswith(_GZIP) and _SVG.match(_unpacked(head)):
        return "SVG, compressed"
    known = next((type_name for pattern, type_name in _UNSUPPORTED if pattern.match(head)), None)
    return known or ("text" if _is_text(head) else None)


def _unpacked(head: bytes) -> bytes:
    """Give the first bytes of what was compressed; none of what is damaged."""
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, HEAD_BYTES)
    except zlib.error:
        return b""


def _unsupported(type_name: str) -> UnfitFile:
    message = f"This is a file of the type {type_name}. Upload the image as JPEG, PNG, WebP, GIF or AVIF."
    return UnfitFile(FailureCode.UNSUPPORTED_FORMAT, message, type_name)


def _is_avif(head: bytes) -> bool:
    """Some name the general brand first, as HEIC does, and AVIF among those that they are compatible with."""
    if head[4:8] != b"ftyp":
        return False
    major, end = head[8:12], min(int.from_bytes(head[:4], "big"), len(head))
    compatible = {head[place : place + 4] for place in range(16, end, 4)}
    is_general = major in {b"mif1", b"msf1"}
    return major in {b"avif", b"avis"} or (is_general and not compatible.isdisjoint({b"avif", b"avis"}))


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16
        return True
    try:
        # As more may follow, the last character may be cut.
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return not _CONTROL.search(head)

"""EXIF as clean JSON: of 271 real files half have raw bytes in it, 22 control characters, 10 impossible numbers."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from shared.documents import ExifValue, Place

MAX_JSON_BYTES = 4096
"""Of all that is read of one image."""

_MAX_EXIF_BYTES = 256 * 1024
_MAX_CHARACTERS = 200
_MAX_NUMBERS = 8
_BYTES_PER_PLACE = 8
_LARGEST = 2**53
"""Larger whole numbers are not the same everywhere that reads JSON."""

_POINTERS = frozenset({"ExifOffset", "GPSInfo", "ExifInteroperabilityOffset", "SubIFDs", "MakerNote"})
_PLACES = 6


def read_exif(image: Image.Image) -> Mapping[str, ExifValue]:
    """Give what an image's EXIF says, by EXIF's own names, without place and maker's notes; empty if that is nothing.

    Raises nearly anything on broken EXIF.
    """
    cleaned: dict[str, ExifValue] = {}
    room = MAX_JSON_BYTES
    for name, value in _named(_exif(image)):
        clean = _cleaned(value)
        if clean is None or name in cleaned:
            continue
        room -= len(json.dumps({name: clean}, ensure_ascii=False).encode())
        # The database writes each number of a list with its place, which takes more room than JSON does.
        room -= _BYTES_PER_PLACE * len(clean) if isinstance(clean, tuple) else 0
        if room < 0:
            break
        cleaned[name] = clean
    return cleaned


def read_place(image: Image.Image) -> Place | None:
    """Give where an image was taken, if its EXIF says so; raises nearly anything on broken EXIF."""
    gps = _exif(image).get_ifd(ExifTags.IFD.GPSInfo)
    latitude = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef) == "S")
    longitude = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef) == "W")
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:  # noqa: PLR2004 - no place is beyond
        return None
    height = _number(gps.get(ExifTags.GPS.GPSAltitude))
    below = gps.get(ExifTags.GPS.GPSAltitudeRef) in {1, b"\x01"}
    return Place(latitude=latitude, longitude=longitude, altitude=-height if height and below else height)


def _exif(image: Image.Image) -> Image.Exif:
    if len(image.info.get("exif", b"")) > _MAX_EXIF_BYTES:
        raise ValueError("EXIF too large")
    return image.getexif()


def _named(exif: Image.Exif) -> Iterator[tuple[str, Any]]:
    for directory in (exif, exif.get_ifd(ExifTags.IFD.Exif)):
        for tag, value in directory.items():
            name = ExifTags.TAGS.get(tag)
            if name is not None and name not in _POINTERS:
                yield name, value


def _cleaned(value: Any) -> ExifValue | None:
    """Give a value as JSON can hold it; None for bytes, impossible numbers and empty text."""
    if isinstance(value, str):
        meant, _encoding = decoded_text(value)
        text = "".join(character for character in meant if character.isprintable())
        return text.strip()[:_MAX_CHARACTERS] or None
    if isinstance(value, tuple):
        # One more than is kept, so that a longer list is noticed and left out.
        numbers = [_number(part) for part in value[: _MAX_NUMBERS + 1]]
        whole = [number for number in numbers if number is not None]
        return tuple(whole) if len(whole) == len(numbers) <= _MAX_NUMBERS else None
    return _number(value)


def decoded_text(text: str) -> tuple[str, str]:
    """Give a text of EXIF as it was meant, and its encoding: UTF-8 if it can be that, or else Latin-1.

    The standard knows ASCII only, and Pillow reads all texts as Latin-1. A text that is meant so and has other
    letters than ASCII's is hardly ever valid UTF-8.
    """
    try:
        return text.encode("latin-1").decode("utf-8"), "utf-8"
    except UnicodeError:
        return text, "latin-1"


def _number(value: Any) -> int | float | None:
    if not isinstance(value, int | float | IFDRational):
        return None
    number = value if isinstance(value, int) else round(float(value), _PLACES)
    return number if abs(number) <= _LARGEST else None  # which what is no number is not


def _degrees(value: Any, negative: bool) -> float | None:  # noqa: FBT001 - of two private callers
    """Give degrees, minutes and seconds as degrees."""
    if not isinstance(value, tuple) or len(value) != 3:  # noqa: PLR2004 - degrees, minutes, seconds
        return None
    parts = [_number(part) for part in value]
    if None in parts:
        return None
    degrees: float = sum((part or 0) / 60.0**power for power, part in enumerate(parts))
    return round(-degrees if negative else degrees, _PLACES)

"""EXIF as JSON can hold it: lists of numbers, and numbers that are none."""

import io
import struct
from typing import Any

import pytest
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from services.worker.imaging.readouts.copyright import copyright_exif
from services.worker.imaging.readouts.exif import read_exif, read_place

JEJU = {1: "N", 2: (33.0, 29.0, 20.4), 3: "E", 4: (126.0, 30.0, 0.0)}


def photograph(exif: Image.Exif | bytes, encoder: str = "JPEG") -> Image.Image:
    """A small image as it is opened, with this EXIF."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, encoder, exif=exif)
    return Image.open(file)


def camera(**fields: Any) -> Image.Exif:
    """What a camera writes about its settings."""
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif).update({ExifTags.Base[name]: value for name, value in fields.items()})
    return exif


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ({"LensSpecification": (24.0, 70.0, 2.8, 4.0)}, {"LensSpecification": (24.0, 70.0, 2.8, 4.0)}),
        ({"ISOSpeedRatings": tuple(range(8))}, {"ISOSpeedRatings": tuple(range(8))}),
        ({"ISOSpeedRatings": tuple(range(9))}, {}),
        ({"ExifVersion": b"0230"}, {}),
        ({"FNumber": float(2**53) * 2}, {}),
    ],
)
def test_numbers_are_told_where_they_are_few_and_not_too_large(written: dict[str, Any], told: dict[str, Any]) -> None:
    """A list of up to eight is told as it is; a longer one, bytes and what JSON's readers would round are left out."""
    assert read_exif(photograph(camera(**written))) == told


def test_a_list_with_an_impossible_number_is_left_out() -> None:
    """A lens without a known aperture has zero divided by zero there."""
    lens = tuple(IFDRational(*parts) for parts in ((24, 1), (70, 1), (14, 5), (4, 1)))
    exif = camera(LensSpecification=lens).tobytes()
    unknown = exif.replace(struct.pack(">2I", 14, 5), struct.pack(">2I", 0, 0))
    assert unknown != exif
    assert read_exif(photograph(unknown)) == {}


@pytest.mark.parametrize("place", [33.0, (33.0, 29.0), (33.0, 29.0, 20.4, 1.0), (91.0, 0.0, 0.0)])
def test_a_place_that_is_none_is_not_told(place: object) -> None:
    """It takes degrees, minutes and seconds, on this earth."""
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({**JEJU, 2: place})
    assert read_place(photograph(exif)) is None


def test_a_place_with_an_impossible_number_is_not_told() -> None:
    """Cameras that find no satellite write zero divided by zero."""
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(JEJU)
    known = exif.tobytes()
    unknown = known.replace(struct.pack(">2I", 29, 1), struct.pack(">2I", 0, 0))
    assert unknown != known
    assert read_place(photograph(known)) is not None
    assert read_place(photograph(unknown)) is None


def test_a_place_below_the_sea_has_a_negative_height() -> None:
    """The reference is a byte of its own."""
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({**JEJU, 5: b"\x01", 6: 12.5})
    place = read_place(photograph(exif))
    assert place is not None
    assert place.altitude == -12.5


def test_of_broken_exif_no_copyright_is_kept() -> None:
    """The print is made without it."""
    assert copyright_exif(photograph(b"Exif\0\0this is no TIFF", "PNG")) == b""
    assert copyright_exif(photograph(camera(FNumber=2.8))) == b""

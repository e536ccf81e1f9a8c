"""What was found out about one original while it was developed."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

ExifValue = int | float | str | tuple[int | float, ...]

_WholeNumber = Annotated[int, Field(ge=-(2**53), le=2**53)]
_Number = Annotated[float, Field(allow_inf_nan=False)]
_Plain = bool | _WholeNumber | _Number | str

FoundKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
FoundValue = dict[FoundKey, _Plain | tuple[_Plain, ...] | None]
"""What a custom step finds in an image: flat, so that it can be kept and shown anywhere."""


class OriginalPart(BaseModel):
    """Any part of it: immutable, and tolerant of fields that a newer version added."""

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)


class ColourShare(OriginalPart):
    """A dominant colour."""

    colour: str = Field(examples=["#8a5a2b"])
    share: float = Field(examples=[0.42])
    """Of what is visible of the image, 0 to 1."""


class Quality(OriginalPart):
    """How sharp and how well exposed an image is, measured on 512 pixels of its longer side."""

    sharpness: float = Field(examples=[612.5])
    """Variance of the Laplacian. Sharp photographs have hundreds, blurred ones less than some 50."""

    brightness: float = Field(examples=[0.47])
    """Mean, from 0 for black to 1 for white."""

    dark_share: float = Field(examples=[0.01])
    """Share of the pixels that are all but black."""

    bright_share: float = Field(examples=[0.0])
    """Share of the pixels that are all but white."""


class Place(OriginalPart):
    """Where an image was taken, as its EXIF says."""

    latitude: float = Field(examples=[33.489])
    """Degrees, negative in the south."""

    longitude: float = Field(examples=[126.498])
    """Degrees, negative in the west."""

    altitude: float | None = Field(default=None, examples=[12.0])
    """Metres above the sea."""


class Readings(OriginalPart):
    """What the recipe asked for. All of it together is at most some 10 KiB of JSON."""

    exif: Mapping[str, ExifValue] | None = Field(default=None, examples=[{"Model": "X100V", "FNumber": 2.8}])
    """By EXIF's own names."""

    gps: Place | None = None
    dhash64: str | None = Field(default=None, examples=["c3c7cfdf9f3e3c78"])
    """64 bits in hexadecimal, row by row: 1 where the image grows darker to the right."""

    colours: tuple[ColourShare, ...] = ()
    """The largest first."""

    blurhash: str | None = Field(default=None, examples=["LEHV6nWB2yk8pyo0adR*.7kCMdnj"])
    quality: Quality | None = None

    steps: Mapping[str, FoundValue] = Field(default={}, examples=[{"read_text": {"text": "출구 EXIT"}}])
    """What custom steps found, by their names."""


class Original(OriginalPart):
    """One original as its bytes say, and not as its name does."""

    width: int = Field(examples=[4032])
    """Pixels as stored, before the image is turned upright."""

    height: int = Field(examples=[3024])
    format: str = Field(examples=["jpeg"])

    frames: int = Field(default=1, examples=[1])
    """Those of an animation, counted up to 10,000."""

    notes: tuple[str, ...] = Field(default=(), examples=[()])
    """Codes of what it was developed in spite of, those of `NoteCode`; `docs/image-safety.md` explains them."""

    readings: Readings | None = None
    """Null unless the recipe asks for some."""

"""The two steps that lay something over the image: a text, or a small PNG that the recipe carries."""

import base64
import struct
import unicodedata
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from shared.recipes.values import STORED, Colour, Position, RecipePart, Share, rule_broken

MAX_TEXT_CHARACTERS = 200
MAX_WATERMARK_PIXELS = 4_000_000

_HEAD = struct.Struct(">8sI4sII")
_BEGINNING = (b"\x89PNG\r\n\x1a\n", 13, b"IHDR")

Font = Literal["sans", "serif"]
"""Both hold Latin letters and Hangul."""


class TextWatermark(RecipePart):
    """Write a text over the image."""

    op: Literal["watermark_text"] = "watermark_text"

    text: str = Field(min_length=1, max_length=MAX_TEXT_CHARACTERS)
    """What is written, in several lines if it has line breaks; Latin letters and Hangul."""

    font: Font = "sans"
    """Without serifs (Nanum Gothic), or with them (Nanum Myeongjo)."""

    size: Share = 0.05
    """Height of the letters as a share of the image's shorter side, from 0 to 1."""

    colour: Colour = "#ffffff"
    opacity: Share = 0.5
    """From 0, which cannot be seen, to 1, which hides what is behind it."""

    position: Position = "southeast"
    """Where it stands, unless it is tiled."""

    margin: Share = 0.02
    """Distance from the edges as a share of the shorter side, from 0 to 1."""

    tile: bool = False
    """Whether the text is repeated, slanted, all over the image."""

    @field_validator("text", mode="before")
    @classmethod
    def _is_composed(cls, text: object) -> object:
        # What is copied on a Mac has its Hangul in single jamo, of which the letters would be drawn side by side. Here,
        # before they are counted, and so that recipes of earlier versions are mended as well.
        return unicodedata.normalize("NFC", text) if isinstance(text, str) else text


class ImageWatermark(RecipePart):
    """Lay an image over the image. It is a PNG of at most 48 KiB, given in the recipe itself."""

    op: Literal["watermark_image"] = "watermark_image"

    png: str = Field(min_length=1, max_length=64 * 1024, pattern=r"^[A-Za-z0-9+/=]+$")
    """The PNG file in Base64, of at most 4 megapixels."""

    width: Share = 0.2
    """Its width as a share of the image's width, from 0 to 1."""

    opacity: Share = 0.5
    """From 0, which cannot be seen, to 1, which hides what is behind it."""

    position: Position = "southeast"
    """Where it lies, unless it is tiled."""

    margin: Share = 0.02
    """Distance from the edges as a share of the shorter side, from 0 to 1."""

    tile: bool = False
    """Whether it is repeated all over the image."""

    @field_validator("png")
    @classmethod
    def _is_a_small_png(cls, png: str, info: ValidationInfo) -> str:
        # Or every image of a batch would fail by it. Recipes of earlier versions were taken without a look.
        if info.context is not STORED:
            _check_png(png)
        return png


def _check_png(encoded: str) -> None:
    """Raise the error of a broken rule if this is not the Base64 of a PNG, or of one that declares too many pixels."""
    try:
        *beginning, width, height = _HEAD.unpack_from(base64.b64decode(encoded, validate=True))
    except (ValueError, struct.error):
        raise rule_broken("this is not a PNG in Base64") from None
    if tuple(beginning) != _BEGINNING or not width * height:
        raise rule_broken("this is not a PNG in Base64")
    if width * height > MAX_WATERMARK_PIXELS:
        raise rule_broken("the PNG has more than 4 megapixels")

"""Write a text over the image."""

import math
from functools import lru_cache
from importlib.resources import as_file, files

from PIL import Image, ImageColor, ImageDraw, ImageFont

from services.worker.imaging.steps.operation import Context, Operation
from services.worker.imaging.steps.placing import laid_over, place, tiles, with_opacity
from shared.note_codes import NoteCode
from shared.recipes.watermarks import TextWatermark

_FONTS = {"sans": "NanumGothic.ttf", "serif": "NanumMyeongjo.ttf"}
_SMALLEST_LETTERS = 6
_SLANT_DEGREES = 30
_PROBE_LETTERS = 24
_UNASSIGNED = "\U0010ffff"
_SHADOW = (0, 0, 0)


def _apply(image: Image.Image, step: TextWatermark, _context: Context) -> Image.Image:
    shorter = min(image.size)
    letters = max(_SMALLEST_LETTERS, round(step.size * shorter))
    text = _drawn(step, _affordable(step, letters, image.width * image.height))
    # One that is too long for the image is made to fit, not cut.
    text.thumbnail(image.size, Image.Resampling.LANCZOS)
    layer = Image.new("RGBA", image.size)
    if step.tile:
        slanted = with_opacity(text.rotate(_SLANT_DEGREES, Image.Resampling.BICUBIC, expand=True), step.opacity)
        for left, top in tiles(image.size, slanted.size, max(1, text.height)):
            layer.paste(slanted, (left, top))
    else:
        text = with_opacity(text, step.opacity)
        layer.paste(text, place(image.size, text.size, step.position, round(step.margin * shorter)))
    return laid_over(image, layer)


def _affordable(step: TextWatermark, letters: int, pixels: int) -> int:
    """Give the height of letters, lower where the text alone would have more than so many pixels.

    A few words as high as the image would take gigabytes before they are made to fit.
    """
    width, height = _Layout(step, letters).size
    return max(_SMALLEST_LETTERS, math.floor(letters * min(1.0, math.sqrt(pixels / (width * height)))))


class _Layout:
    """Where a text with letters of some height lies; nothing is drawn yet.

    `left` and `top` are its own distance from where it is drawn, `size` has room for a thin shadow of `shadow` pixels.
    """

    def __init__(self, step: TextWatermark, letters: int) -> None:
        self.font = _font(_FONTS[step.font], letters)
        self.text = "\n".join(step.text.splitlines()) or " "  # Pillow knows this line break only
        self.shadow = max(1, letters // 24)
        draw = ImageDraw.Draw(Image.new("L", (1, 1)))
        self.left, self.top, right, bottom = draw.textbbox((0, 0), self.text, self.font, align="center")
        self.size = (
            max(1, round(right - self.left)) + self.shadow,
            max(1, round(bottom - self.top)) + self.shadow,
        )


def _drawn(step: TextWatermark, letters: int) -> Image.Image:
    """Give the text alone on nothing, with a thin shadow so that it can be read on its own colour too."""
    laid = _Layout(step, letters)
    colour = ImageColor.getrgb(step.colour)
    drawn = Image.new("RGBA", laid.size, (*colour[:3], 0))
    draw = ImageDraw.Draw(drawn)
    for away, fill in ((laid.shadow, (*_SHADOW, 128)), (0, colour)):
        draw.text((away - laid.left, away - laid.top), laid.text, fill=fill, font=laid.font, align="center")
    return drawn


@lru_cache(maxsize=16)
def _font(name: str, letters: int) -> ImageFont.FreeTypeFont:
    with as_file(files("services.worker.imaging") / "fonts" / name) as file:
        # BASIC lays out the same letters on every machine, whether or not it has Raqm.
        return ImageFont.truetype(file, letters, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=16)
def _note(step: TextWatermark) -> str | None:
    """Give `letters_missing` where the font has no picture of a letter and prints a box."""
    font = _font(_FONTS[step.font], _PROBE_LETTERS)
    box = bytes(font.getmask(_UNASSIGNED))
    letters = {letter for letter in step.text if not letter.isspace()}
    return NoteCode.LETTERS_MISSING if any(bytes(font.getmask(letter)) == box for letter in letters) else None


OPERATION = Operation(_apply, note=_note)

"""Write a text over the image."""

from functools import lru_cache
from importlib.resources import as_file, files

from PIL import Image, ImageColor, ImageDraw, ImageFont

from services.worker.imaging.steps.operation import Context, Operation
from services.worker.imaging.steps.placing import laid_over, place, tiles, with_opacity
from shared.recipes import TextWatermark

_FONTS = {"sans": "NanumGothic.ttf", "serif": "NanumMyeongjo.ttf"}
_SMALLEST_LETTERS = 6
_SLANT_DEGREES = 30
_SHADOW = (0, 0, 0)


def _apply(image: Image.Image, step: TextWatermark, _context: Context) -> Image.Image:
    shorter = min(image.size)
    text = _drawn(step, max(_SMALLEST_LETTERS, round(step.size * shorter)))
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


def _drawn(step: TextWatermark, letters: int) -> Image.Image:
    """Give the text alone on nothing, with a thin shadow so that it can be read on its own colour too."""
    font = _font(_FONTS[step.font], letters)
    text = "\n".join(step.text.splitlines()) or " "  # Pillow knows this line break only
    shadow = max(1, letters // 24)
    left, top, right, bottom = ImageDraw.Draw(Image.new("L", (1, 1))).textbbox((0, 0), text, font, align="center")
    size = max(1, round(right - left)) + shadow, max(1, round(bottom - top)) + shadow
    colour = ImageColor.getrgb(step.colour)
    drawn = Image.new("RGBA", size, (*colour[:3], 0))
    draw = ImageDraw.Draw(drawn)
    draw.text((shadow - left, shadow - top), text, fill=(*_SHADOW, 128), font=font, align="center")
    draw.text((-left, -top), text, fill=colour, font=font, align="center")
    return drawn


@lru_cache(maxsize=16)
def _font(name: str, letters: int) -> ImageFont.FreeTypeFont:
    with as_file(files("services.worker.imaging") / "fonts" / name) as file:
        # BASIC lays out the same letters on every machine, whether or not it has Raqm.
        return ImageFont.truetype(file, letters, layout_engine=ImageFont.Layout.BASIC)


OPERATION = Operation(_apply)

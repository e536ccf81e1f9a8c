"""Reduce an image to the few colours that a GIF frame has."""

from PIL import Image

_OPAQUE = 128
"""A GIF's pixel is there or not; from half opaque on, it is."""

_SEEN = 255


def paletted(image: Image.Image, colours: int) -> Image.Image:
    """Give an L, LA, RGB or RGBA image in mode P with at most so many colours, one of them transparent if needed.

    The transparent one is named in `info["transparency"]`; nothing else is in `info`.
    """
    hidden = _hidden(image)
    plain = image.convert("RGB")
    if hidden is not None:
        plain.paste((0, 0, 0), mask=hidden)  # whatever lies there, it must not take up colours
    seen = colours if hidden is None else colours - 1
    palette = plain.quantize(seen, Image.Quantize.MEDIANCUT)
    # Only against a given palette does Pillow dither.
    reduced = plain.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
    reduced.info = {}
    if hidden is not None:
        reduced.putpalette([*(reduced.getpalette() or [])[: 3 * seen], 0, 0, 0])
        index = len(reduced.getpalette() or []) // 3 - 1
        reduced.paste(index, mask=hidden)
        reduced.info["transparency"] = index
    return reduced


def _hidden(image: Image.Image) -> Image.Image | None:
    if image.mode not in {"LA", "RGBA"}:
        return None
    hidden = image.getchannel("A").point(lambda value: _SEEN * (value < _OPAQUE))
    return hidden if hidden.getbbox() else None

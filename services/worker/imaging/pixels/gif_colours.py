"""Reduce an image, or the frames of an animation, to the few colours that a GIF frame has."""

from collections.abc import Sequence
from itertools import product

from PIL import Image

_OPAQUE = 128
"""A GIF's pixel is there or not; from half opaque on, it is."""

_SEEN = 255


def paletted(image: Image.Image, colours: int, *, reserve: bool = False) -> Image.Image:
    """Give an L, LA, RGB or RGBA image in mode P with at most so many colours, the last transparent if needed.

    The transparent one is named in `info["transparency"]`; nothing else is in `info`. With `reserve` there is one in
    any case.
    """
    hidden = _hidden(image)
    reserve = reserve or hidden is not None
    plain = image.convert("RGB")
    if hidden is not None:
        plain.paste((0, 0, 0), mask=hidden)  # hidden pixels must not take up colours
    seen = colours - 1 if reserve else colours
    palette = plain.quantize(seen, Image.Quantize.MEDIANCUT)
    # Only against a given palette does Pillow dither.
    reduced = plain.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
    reduced.info = {}
    if reserve:
        reduced.putpalette([*(reduced.getpalette() or [])[: 3 * seen], 0, 0, 0])
        reduced.info["transparency"] = len(reduced.getpalette() or []) // 3 - 1
    if hidden is not None:
        reduced.paste(reduced.info["transparency"], mask=hidden)
    return reduced


def paletted_frames(frames: Sequence[Image.Image], colours: int) -> list[Image.Image]:
    """Give each frame of an animation as `paletted` does: if one has a transparent colour, all have.

    A player clears a frame to nothing only if the frame can say nothing; others it clears to a colour, or not at all.
    """
    if all(_hidden(frame) is None for frame in frames):
        return [paletted(frame, colours) for frame in frames]
    reduced = [paletted(frame, colours, reserve=True) for frame in frames]
    _name_ground(*reduced)
    return reduced


def _name_ground(first: Image.Image, *others: Image.Image) -> None:
    """Have the first frame's transparent entry name a colour that none of the other frames has.

    Pillow takes that colour for the cleared ground and leaves it out of what it writes: black boxes vanished, and a
    frame of nothing else made the file a broken one.
    """
    taken = {colour for frame in others for colour in _triples(frame)}
    ground = next(colour for colour in product(range(256), repeat=3) if colour not in taken)
    colours = [*_triples(first)[:-1], ground]
    first.putpalette([value for colour in colours for value in colour])


def _triples(image: Image.Image) -> list[tuple[int, ...]]:
    values = image.getpalette() or []
    return [tuple(values[at : at + 3]) for at in range(0, len(values), 3)]


def _hidden(image: Image.Image) -> Image.Image | None:
    if image.mode not in {"LA", "RGBA"}:
        return None
    hidden = image.getchannel("A").point(lambda value: _SEEN * (value < _OPAQUE))
    return hidden if hidden.getbbox() else None

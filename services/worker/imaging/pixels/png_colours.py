"""Colour spaces that a PNG names without a profile (PNG, third edition, sections 4.3 and 11.3.2)."""

from collections.abc import Sequence
from itertools import takewhile

from PIL import ImageFile

from services.worker.imaging.files.png_chunks import png_chunks
from services.worker.imaging.pixels.matrix_profile import Point, grey_profile, rgb_profile
from shared.note_codes import NoteCode

_D65, _C = (0.3127, 0.3290), (0.310, 0.316)
_SRGB_PRIMARIES = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
_PRIMARIES: dict[int, tuple[Sequence[Point], Point]] = {
    1: (_SRGB_PRIMARIES, _D65),
    4: (((0.67, 0.33), (0.21, 0.71), (0.14, 0.08)), _C),
    5: (((0.64, 0.33), (0.29, 0.60), (0.15, 0.06)), _D65),
    6: (((0.630, 0.340), (0.310, 0.595), (0.155, 0.070)), _D65),
    7: (((0.630, 0.340), (0.310, 0.595), (0.155, 0.070)), _D65),
    8: (((0.681, 0.319), (0.243, 0.692), (0.145, 0.049)), _C),
    9: (((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)), _D65),
    11: (((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)), (0.314, 0.351)),
    12: (((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)), _D65),
    22: (((0.630, 0.340), (0.295, 0.605), (0.155, 0.077)), _D65),
}
"""By their codes of ITU-T H.273."""

_SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_BT709_CURVE = (1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081)
_CURVES: dict[int, Sequence[float]] = {
    **dict.fromkeys((1, 6, 14, 15), _BT709_CURVE),
    4: (2.2,),
    5: (2.8,),
    8: (1.0,),
    13: _SRGB_CURVE,
}
"""Without PQ and HLG (16, 18), which name more light than a print can show."""

_UNIT = 100_000
_GAMMA, _GAMMA_TOLERANCE = 2.2, 0.05
_NEAR = 0.002
_GREY_MODES = frozenset({"1", "L", "LA", "I", "I;16"})


def heed_colour_chunks(image: ImageFile.ImageFile, data: bytes) -> None:
    """Give an opened PNG the profile that it means: cICP's before its own, and gAMA's and cHRM's if it has no other.

    `image.info` says `colour_ignored` where that cannot be done.
    """
    chunks = {
        chunk.name: data[chunk.content]
        for chunk in takewhile(lambda chunk: chunk.name != b"IDAT", png_chunks(data))
        if chunk.name in {b"cICP", b"sRGB", b"gAMA", b"cHRM", b"iCCP"}
    }
    is_grey = image.mode in _GREY_MODES
    try:
        if b"cICP" in chunks:
            image.info["icc_profile"] = _coded_profile(chunks[b"cICP"], is_grey=is_grey)
            return
    except (KeyError, ValueError):
        image.info[NoteCode.COLOUR_IGNORED] = True
    if image.info.get("icc_profile") or b"sRGB" in chunks:
        return
    if b"iCCP" in chunks:
        image.info[NoteCode.COLOUR_IGNORED] = True  # Pillow could not unpack it
    try:
        image.info["icc_profile"] = _measured_profile(chunks, is_grey=is_grey)
    except (ValueError, ZeroDivisionError):
        image.info[NoteCode.COLOUR_IGNORED] = True


def _coded_profile(content: bytes, *, is_grey: bool) -> bytes | None:
    """Raise KeyError or ValueError where the colours are in none of these spaces."""
    primaries, transfer, matrix, full_range = content
    if matrix or full_range != 1:
        raise ValueError("not RGB of full range")
    (points, white), curve = _PRIMARIES[primaries], _CURVES[transfer]
    return _profile(points, white, curve, is_grey=is_grey)


def _measured_profile(chunks: dict[bytes, bytes], *, is_grey: bool) -> bytes | None:
    """Raise ValueError or ZeroDivisionError where gAMA or cHRM says what cannot be."""
    curve: Sequence[float] = _SRGB_CURVE
    points: Sequence[Point] = _SRGB_PRIMARIES
    white = _D65
    if b"gAMA" in chunks:
        gamma = _UNIT / int.from_bytes(chunks[b"gAMA"][:4], "big")
        if not 0.1 <= gamma <= 10:  # noqa: PLR2004 - no picture was made for such a display
            raise ValueError("no such gamma")
        # What is written for sRGB by those who do not write sRGB.
        curve = _SRGB_CURVE if abs(gamma / _GAMMA - 1) < _GAMMA_TOLERANCE else (gamma,)
    if b"cHRM" in chunks:
        numbers = [int.from_bytes(chunks[b"cHRM"][at : at + 4], "big") / _UNIT for at in range(0, 32, 4)]
        if max(numbers) > 1:
            raise ValueError("no such colours")
        white, *points = zip(numbers[::2], numbers[1::2], strict=True)
    return _profile(points, white, curve, is_grey=is_grey)


def _profile(points: Sequence[Point], white: Point, curve: Sequence[float], *, is_grey: bool) -> bytes | None:
    """Give None for sRGB."""
    pairs = zip((*points, white), (*_SRGB_PRIMARIES, _D65), strict=True)
    is_srgb = all(abs(one - other) < _NEAR for point in pairs for one, other in zip(*point, strict=True))
    if curve == _SRGB_CURVE and (is_grey or is_srgb):
        return None
    return grey_profile(curve) if is_grey else rgb_profile(points, white, curve)

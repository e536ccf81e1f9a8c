"""Bring every pixel format to 8-bit sRGB: L, LA, RGB or RGBA."""

import io
from collections.abc import Callable

from PIL import Image, ImageCms, ImageColor, ImageFile

from services.worker.imaging.failures import ImageRejected
from shared.failure_codes import FailureCode
from shared.note_codes import NoteCode

_MAX_PROFILE_BYTES = 4 * 2**20
_PROFILE_SPACES = {"L": "GRAY", "LA": "GRAY", "RGB": "RGB", "RGBA": "RGB", "CMYK": "CMYK"}
_NORMAL_MODES = frozenset({"L", "LA", "RGB", "RGBA"})
_SRGB = ImageCms.createProfile("sRGB")

_SMALL_GREYS = {"L;2": (0b11, 0x55), "L;4": (0b1111, 0x11)}
"""PNG's greys of 2 and 4 bits as Pillow calls them: the bits of such a value, and what scales it to 8 bits."""

_DEEP_COLOURS = "RGB;16B"


def scale_transparency(image: ImageFile.ImageFile) -> None:
    """Scale the transparent colour that a PNG names to 8 bits; before the image is decoded, and its depth forgotten.

    Pillow scales the pixels, but compares them with the number in the file: nothing was transparent, or other pixels.
    """
    transparent = image.info.get("transparency")
    depth = image.tile[0].args if image.tile else None
    if isinstance(transparent, int) and depth in _SMALL_GREYS:
        bits, factor = _SMALL_GREYS[depth]
        image.info["transparency"] = (transparent & bits) * factor
    elif isinstance(transparent, tuple) and depth == _DEEP_COLOURS:
        # As Pillow decodes the pixels, too. Those that differ in the lower half only become transparent as well; but
        # they look the same.
        image.info["transparency"] = tuple(value >> 8 for value in transparent)


def expand(image: Image.Image) -> Image.Image:
    """Give the image in a mode that can be resampled: L, LA, RGB, RGBA or CMYK.

    Palette and 1-bit images would otherwise be resized by nearest neighbour, and 16-bit grey clamped to white.
    """
    if image.im.mode != image.mode:
        # A second header in a PNG: the pixels are of another kind than Pillow says.
        raise ImageRejected.because(FailureCode.UNREADABLE, "The parts of this image contradict each other.")
    if image.mode.startswith("I"):
        return _to_8_bit(image)
    if image.mode == "CMYK":
        return image
    if image.mode == "La":
        return image.convert("LA")  # the only way on from here
    if image.mode == "P":
        _mend_palette(image)
    if image.has_transparency_data:
        return image if image.mode in {"LA", "RGBA"} else image.convert("LA" if image.mode == "L" else "RGBA")
    if image.mode == "1":
        return image.convert("L")
    return image if image.mode in _NORMAL_MODES else image.convert("RGB")


def _mend_palette(image: Image.Image) -> None:
    if image.palette is None:
        raise ImageRejected.because(
            FailureCode.UNREADABLE, "This image has no palette, though its pixels are numbers of one."
        )
    opacities = image.info.get("transparency")
    if isinstance(opacities, bytes):
        # One for each colour; browsers, too, pass over those that are too many, and Pillow fails on them.
        image.info["transparency"] = opacities[: len(image.palette.palette) // len(image.palette.mode)]


def _to_8_bit(image: Image.Image) -> Image.Image:
    wide = image.convert("I")
    grey = wide.point([value >> 8 for value in range(65_536)], "L")
    transparent = image.info.get("transparency")
    if not isinstance(transparent, int):
        return grey
    alpha = wide.point([0 if value == transparent else 255 for value in range(65_536)], "L")
    return Image.merge("LA", (grey, alpha))


def to_srgb(image: Image.Image) -> tuple[Image.Image, str | None]:
    """Convert an expanded image through its own colour profile to sRGB; JPEG and WebP would drop the profile.

    Also gives a note: `icc_ignored` if the profile is unusable, `cmyk_naive` if CMYK had to do without one.
    """
    profile = image.info.get("icc_profile")
    if not profile:
        return _without_profile(image)
    try:
        return _through_profile(image, profile), None
    except (OSError, ValueError, ImageCms.PyCMSError):
        # LittleCMS reports a broken profile as OSError; only a failing conversion is a PyCMSError.
        return _without_profile(image)[0], NoteCode.ICC_IGNORED


def _without_profile(image: Image.Image) -> tuple[Image.Image, str | None]:
    if image.mode == "CMYK":
        return image.convert("RGB"), NoteCode.CMYK_NAIVE
    return image, None


def _through_profile(image: Image.Image, data: bytes) -> Image.Image:
    if len(data) > _MAX_PROFILE_BYTES:
        raise ValueError("colour profile too large")
    profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
    if profile.profile.xcolor_space.strip() != _PROFILE_SPACES[image.mode]:
        raise ValueError("colour profile of another kind of image")
    if image.mode in {"L", "LA"}:
        grey, alpha = split_alpha(image)
        converted = grey.point(_every_grey(profile))
        converted.info.pop("icc_profile", None)  # it has been heeded
        return with_alpha(converted, alpha)
    return _convert(image, profile, "RGBA" if image.mode == "RGBA" else "RGB")


def _every_grey(profile: ImageCms.ImageCmsProfile) -> list[int]:
    """Give what each of the 256 greys becomes.

    For whole images LittleCMS cuts it short, with a table of its own that is too coarse for the darkest.
    """
    greys = Image.frombytes("L", (256, 1), bytes(range(256)))
    return list(_convert(greys, profile, "RGB", ImageCms.Flags.NOOPTIMIZE).convert("L").tobytes())


def _convert(
    image: Image.Image, profile: ImageCms.ImageCmsProfile, mode: str, flags: ImageCms.Flags = ImageCms.Flags.NONE
) -> Image.Image:
    converted = ImageCms.profileToProfile(
        image, profile, _SRGB, renderingIntent=ImageCms.Intent.PERCEPTUAL, outputMode=mode, flags=flags
    )
    if converted is None:  # only with inPlace=True
        raise ImageCms.PyCMSError("no image")
    return converted


def drop_opaque_alpha(image: Image.Image) -> Image.Image:
    """Give the image without its alpha channel if that hides nothing: a third less time to JPEG, a tenth off a PNG."""
    if image.mode in {"LA", "RGBA"} and image.getchannel("A").getextrema() == (255, 255):
        return image.convert(image.mode.removesuffix("A"))
    return image


def laid_on(image: Image.Image, colour: str) -> Image.Image:
    """Give the image on a background of a colour, which may itself let something through."""
    behind = canvas(image.size, colour, image).convert("RGBA")
    behind.alpha_composite(image.convert("RGBA"))
    return drop_opaque_alpha(behind)


def flatten_on_white(image: Image.Image) -> Image.Image:
    """Give the image without transparency; convert("RGB") alone would show colours that were hidden."""
    if image.mode not in {"LA", "RGBA"}:
        return image
    white = Image.new("RGBA", image.size, "white")
    white.alpha_composite(image.convert("RGBA"))
    return white.convert("L" if image.mode == "LA" else "RGB")


def premultiplied(image: Image.Image, work: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """Have work done on colours weighted by their opacity, so that hidden ones do not bleed into what is seen."""
    if image.mode not in {"LA", "RGBA"}:
        return work(image)
    worked = work(image.convert("RGBA").convert("RGBa")).convert("RGBA")
    return worked.convert("LA") if image.mode == "LA" else worked


def split_alpha(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Give the image's colours and its alpha channel, if it has one."""
    if image.mode not in {"LA", "RGBA"}:
        return image, None
    return image.convert(image.mode.removesuffix("A")), image.getchannel("A")


def with_alpha(colours: Image.Image, alpha: Image.Image | None) -> Image.Image:
    """Give the colours with the alpha channel, if there is one."""
    if alpha is None:
        return colours
    return Image.merge(colours.mode + "A", (*colours.split(), alpha))


def canvas(size: tuple[int, int], colour: str, like: Image.Image) -> Image.Image:
    """Give an image of one colour, in the plainest mode that holds both that colour and what `like` holds."""
    pixel = ImageColor.getrgb(colour)
    transparent = like.mode in {"LA", "RGBA"} or len(pixel) > len("RGB")
    grey = like.mode in {"L", "LA"} and len(set(pixel[:3])) == 1
    mode = ("L" if grey else "RGB") + ("A" if transparent else "")
    values = (pixel[:1] if grey else pixel[:3]) + ((pixel[3:] or (255,)) if transparent else ())
    return Image.new(mode, size, values[0] if mode == "L" else values)


def pasted(image: Image.Image, behind: Image.Image, place: tuple[int, int]) -> Image.Image:
    """Give the background with the image in its place, transparency and all: nothing of it shows through there."""
    behind.paste(image.convert(behind.mode), place)
    return behind

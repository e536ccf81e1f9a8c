"""Small healthy files of every format that is accepted, and of those beside it: what mutations start from."""

import io
from collections.abc import Iterator
from typing import Any

from PIL import ExifTags, Image, ImageCms, PngImagePlugin

SIDE = 48
_XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><tiff:Orientation>6</tiff:Orientation></x:xmpmeta>'


def seed_files() -> dict[str, tuple[bytes, ...]]:
    """Give files by format, as the worker names it, each with other features of its format."""
    return {
        "jpeg": tuple(_jpegs()),
        "png": tuple(_pngs()),
        "webp": tuple(_webps()),
        "gif": tuple(_gifs()),
        "avif": tuple(_avifs()),
    }


def _picture(mode: str = "RGB", turn: int = 0) -> Image.Image:
    across = Image.linear_gradient("L").rotate(90 + turn).resize((SIDE, SIDE - 8))
    down = Image.linear_gradient("L").resize((SIDE, SIDE - 8))
    rings = Image.radial_gradient("L").rotate(turn).resize((SIDE, SIDE - 8))
    if mode == "RGBA":
        return Image.merge("RGBA", (across, down, rings, across))
    return Image.merge("RGB", (across, down, rings)).convert(mode)


def _frames() -> list[Image.Image]:
    return [_picture(turn=turn) for turn in (0, 40, 80)]


def _metadata() -> dict[str, Any]:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Artist] = "Somebody"
    exif[ExifTags.Base.Copyright] = "Somebody else"
    exif[ExifTags.Base.XResolution] = 72.0
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2026:01:02 03:04:05"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (52.0, 31.0, 12.5)
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = bytes(12)  # the time at which it was made
    return {"exif": exif, "icc_profile": bytes(profile)}


def _saved(image: Image.Image, encoder: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, encoder, **options)
    return file.getvalue()


def _jpegs() -> Iterator[bytes]:
    yield _saved(_picture(), "JPEG")
    yield _saved(_picture(), "JPEG", progressive=True)
    yield _saved(_picture(), "JPEG", subsampling=0, restart_marker_blocks=3)
    yield _saved(_picture("L"), "JPEG")
    yield _saved(_picture("CMYK"), "JPEG")
    yield _saved(_picture(), "JPEG", comment=b"a comment", xmp=_XMP, **_metadata())
    first, *others = _frames()
    yield _saved(first, "MPO", save_all=True, append_images=others)


def _pngs() -> Iterator[bytes]:
    for mode in ("RGB", "RGBA", "L", "LA", "1"):
        yield _saved(_picture(mode), "PNG")
    yield _saved(_picture("L").convert("I;16"), "PNG", transparency=512)
    yield _saved(_picture().quantize(17), "PNG", transparency=3)
    text = PngImagePlugin.PngInfo()
    text.add_text("Title", "plain")
    text.add_text("Comment", "packed " * 20, zip=True)
    text.add_itxt("Author", "someone " * 9, "en", "Author", zip=True)
    yield _saved(_picture(), "PNG", pnginfo=text, dpi=(72, 72), **_metadata())
    first, *others = _frames()
    yield _saved(first, "PNG", save_all=True, append_images=others, duration=50, disposal=1, blend=1)


def _webps() -> Iterator[bytes]:
    yield _saved(_picture(), "WEBP")
    yield _saved(_picture("RGBA"), "WEBP")
    yield _saved(_picture("RGBA"), "WEBP", lossless=True)
    yield _saved(_picture(), "WEBP", xmp=_XMP, **_metadata())
    first, *others = _frames()
    yield _saved(first, "WEBP", save_all=True, append_images=others, duration=50)


def _gifs() -> Iterator[bytes]:
    yield _saved(_picture("P"), "GIF", comment=b"a comment")
    yield _saved(_picture().quantize(9), "GIF", transparency=2, interlace=1)
    first, *others = _frames()
    yield _saved(first, "GIF", save_all=True, append_images=others, duration=50, loop=0, disposal=2)
    yield _saved(
        first, "GIF", save_all=True, append_images=_moving_spot(first), duration=[0, 70, 700], disposal=[1, 3, 2]
    )


def _moving_spot(ground: Image.Image) -> list[Image.Image]:
    """Give pictures of which Pillow writes only the part that is new: a frame smaller than its GIF's screen."""
    spots = [ground.copy() for _ in range(2)]
    for number, spot in enumerate(spots):
        spot.paste("red", (8 + 9 * number, 5, 20 + 9 * number, 30))
    return spots


def _avifs() -> Iterator[bytes]:
    yield _saved(_picture(), "AVIF", speed=10, max_threads=1)
    yield _saved(_picture(), "AVIF", speed=10, max_threads=1, subsampling="4:4:4").replace(b"ftypavif", b"ftypmif1", 1)
    yield _saved(_picture("RGBA"), "AVIF", speed=10, max_threads=1, **_metadata())
    first, *others = _frames()
    yield _timeless(_saved(first, "AVIF", save_all=True, append_images=others, speed=10, max_threads=1))


def _timeless(data: bytes) -> bytes:
    """Take the time at which an AVIF sequence was made out of it, or no case would be the same again."""
    timeless = bytearray(data)
    for box in (b"mvhd", b"tkhd", b"mdhd"):
        times = data.index(box) + 8
        timeless[times : times + 16] = bytes(16)
    return bytes(timeless)

"""Plans made into image files: the only module here that touches pixels."""

import random
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops, ImageFilter
from PIL.Image import Resampling, Transpose

from examples.sample_photographs.exif_tags import exif_tags
from examples.sample_photographs.plan import PhotographPlan

NOISE_LIMIT = 12  # levels of 255; tones stay this far from black and white so that noise never wraps around
NOISE_TILE = 512  # pixels a side
SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    ".jpg": {"format": "JPEG", "quality": 88, "subsampling": "4:2:0"},
    ".png": {"format": "PNG", "compress_level": 1},
    ".webp": {"format": "WEBP", "quality": 80, "method": 0},
}
# How the upright picture is laid on the sensor, so that the orientation of this number shows it upright again.
STORED_BY_ORIENTATION = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_90,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_270,
}


def render_photograph(plan: PhotographPlan, path: Path) -> None:
    """Write the planned photograph to `path`; its suffix decides the format."""
    picture = _cropped_source(plan).point(_tone_curves(plan))
    if plan.mirrored:
        picture = picture.transpose(Transpose.FLIP_LEFT_RIGHT)
    if plan.orientation in STORED_BY_ORIENTATION:
        picture = picture.transpose(STORED_BY_ORIENTATION[plan.orientation])
    # Bilinear: it never overshoots the tones' limits, and it costs half of what bicubic does.
    picture = picture.resize((plan.width, plan.height), Resampling.BILINEAR)
    noise = _noise(-(-plan.width // NOISE_TILE), -(-plan.height // NOISE_TILE))
    picture = ImageChops.add_modulo(picture, noise)
    picture.save(path, exif=_exif(plan), **SAVE_OPTIONS[path.suffix.lower()])


@contextmanager
def reused_memory() -> Iterator[None]:
    """Let Pillow keep freed image memory meanwhile: fresh pages cost a third of the time of a 12-megapixel file.

    See "Block allocator" in Pillow's handbook. The setting is the whole process's.
    """
    allocator = Image.core  # type: ignore[attr-defined]  # in Pillow's handbook, yet not in its types
    blocks_before = allocator.get_blocks_max()
    allocator.set_blocks_max(48)  # of 16 MiB
    try:
        yield
    finally:
        allocator.set_blocks_max(blocks_before)
        _noise.cache_clear()
        _source.cache_clear()


def _cropped_source(plan: PhotographPlan) -> Image.Image:
    left, top, right, bottom = plan.crop
    stored_pixels = plan.width * plan.height
    cropped_pixels = (right - left) * (bottom - top) * plan.source.width * plan.source.height
    shrinks = [shrink for shrink in (8, 4, 2) if cropped_pixels / shrink**2 >= stored_pixels]
    source = _source(plan.source.name, shrinks[0] if shrinks else 1)
    box = (left * source.width, top * source.height, right * source.width, bottom * source.height)
    return source.crop((round(box[0]), round(box[1]), round(box[2]), round(box[3])))


@lru_cache
def _source(name: str, shrink: int) -> Image.Image:
    """Read a shipped photograph, made `shrink` times smaller while its JPEG is decoded (1, 2, 4 or 8)."""
    with (
        as_file(files("examples.sample_photographs") / "photographs" / f"{name}.jpg") as path,
        Image.open(path) as file,
    ):
        file.draft("RGB", (file.width // shrink, file.height // shrink))
        return file.convert("RGB")


def _tone_curves(plan: PhotographPlan) -> list[int]:
    """One table of 256 levels each for red, green and blue."""
    gamma = 2.0**-plan.exposure_stops
    gains = (1 + plan.warmth, 1.0, 1 - plan.warmth)
    return [
        min(255 - NOISE_LIMIT, max(NOISE_LIMIT, round(255 * gain * (level / 255) ** gamma)))
        for gain in gains
        for level in range(256)
    ]


@lru_cache(maxsize=4)
def _noise(columns: int, rows: int) -> Image.Image:
    """Sensor noise over so many tiles, as differences modulo 256, at most NOISE_LIMIT either way."""
    tile = _noise_tile()
    noise = Image.new("RGB", (columns * NOISE_TILE, rows * NOISE_TILE))
    for left in range(0, noise.width, NOISE_TILE):
        for top in range(0, noise.height, NOISE_TILE):
            noise.paste(tile, (left, top))
    return noise


@lru_cache
def _noise_tile() -> Image.Image:
    """Fine grain in brightness and softer blotches in colour, as cameras leave them after their own smoothing."""
    chance = random.Random("sensor")  # noqa: S311 - grain, not secrets
    grain = _gaussian("L", 5.0, chance).filter(ImageFilter.GaussianBlur(0.45))
    blotches = _gaussian("RGB", 7.0, chance).filter(ImageFilter.GaussianBlur(1.2))
    tile = ImageChops.add(Image.merge("RGB", [grain] * 3), blotches, offset=-128)
    differences = [min(NOISE_LIMIT, max(-NOISE_LIMIT, level - 128)) % 256 for level in range(256)]
    return tile.point(differences * 3)


def _gaussian(mode: str, deviation: float, chance: random.Random) -> Image.Image:
    """A tile of independent normal values about 128."""
    normal = statistics.NormalDist(128, deviation)
    table = bytes(min(255, max(0, round(normal.inv_cdf((level + 0.5) / 256)))) for level in range(256))
    values = chance.randbytes(NOISE_TILE**2 * len(Image.new(mode, (1, 1)).getbands()))
    return Image.frombytes(mode, (NOISE_TILE, NOISE_TILE), values.translate(table))


def _exif(plan: PhotographPlan) -> Image.Exif:
    tags = exif_tags(plan)
    exif = Image.Exif()
    exif.update(tags.main)
    exif.get_ifd(0x8769).update(tags.exposure)
    exif.get_ifd(0x8825).update(tags.place)
    return exif

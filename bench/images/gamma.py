"""`python -m bench.images.gamma`: what resampling in linear light changes, and takes (docs/decisions/0009-gamma.md)."""

import io
import math
import time
from collections.abc import Callable, Sequence
from importlib import resources
from statistics import mean, median
from typing import Any

import typer
from PIL import Image, ImageChops, ImageStat
from rich.console import Console

from bench.photographs import CAMERA_QUALITY
from bench.report import Section, print_sections

LARGE, SMALL = 1600, 320
TWELVE_MEGAPIXELS = 12_000_000
REPEATS = 5
WHITE = 65_535
"""Of linear light, before it is made sRGB again: 8 bits would band in the shadows."""


def as_stored(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Average the numbers."""
    return image.resize(size, Image.Resampling.LANCZOS)


def in_linear_light(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Average the light, on 32-bit floats for each channel."""
    return Image.merge(image.mode, [_linear(band, size) for band in image.split()])


def _linear(band: Image.Image, size: tuple[int, int]) -> Image.Image:
    light = band.point(TO_LIGHT, "F").resize(size, Image.Resampling.LANCZOS)
    return light.convert("I").point(FROM_LIGHT, "L")


def _to_light(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _from_light(light: float) -> float:
    return light * 12.92 if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055


TO_LIGHT = [WHITE * _to_light(value / 255) for value in range(256)]
FROM_LIGHT = [round(255 * _from_light(light / WHITE)) for light in range(WHITE + 1)]


def main() -> None:
    """Compare both ways on patterns and on the photographs of which samples are made."""
    photographs = _photographs()
    large = [as_stored(image, _fitted(image.size, LARGE)) for image in photographs]
    files = [_written(as_stored(image, _enlarged(image.size))) for image in photographs]
    rows = (
        ("checkerboard of black and white, to an eighth", *_values(_checkerboard(), _mean)),
        ("white lines, 1 in 16, to an eighth: brightest", *_values(_lines(), _brightest)),
        *_differences(large),
        (f"{LARGE} to {SMALL} pixels: ms", *_times((_small_as_stored, _small_in_linear_light), large)),
        (f"JPEG of 12 megapixels to {LARGE} pixels: ms", *_times((_file_as_stored, _file_in_linear_light), files)),
    )
    print_sections(Console(), [Section("Resampling", ("", "as stored", "in linear light"), rows)])


def _photographs() -> Sequence[Image.Image]:
    folder = resources.files("examples.sample_photographs") / "photographs"
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".jpg")), key=lambda entry: entry.name)
    opened = []
    for file in files:
        with file.open("rb") as readable, Image.open(readable) as image:
            opened.append(image.convert("RGB"))
    return opened


def _differences(images: Sequence[Image.Image]) -> list[tuple[str, str, str]]:
    pairs = [[way(image, _fitted(image.size, SMALL)) for way in (as_stored, in_linear_light)] for image in images]
    apart = [ImageChops.difference(stored, linear) for stored, linear in pairs]
    squares = [mean(band**2 for band in ImageStat.Stat(image).rms) for image in apart]
    shifts = [_mean(linear) - _mean(stored) for stored, linear in pairs]
    return [
        (
            f"{len(images)} photographs, {LARGE} to {SMALL} pixels: RMSE",
            "",
            _range([one**0.5 for one in squares]),
        ),
        ("the same: shift of the mean", "", _range(shifts)),
        ("the same: the most different 1 % of the values", "", _range([_most_different(image) for image in apart])),
    ]


def _values(image: Image.Image, told: Callable[[Image.Image], float]) -> tuple[str, ...]:
    size = image.width // 8, image.height // 8
    return tuple(f"{told(way(image, size)):.0f}" for way in (as_stored, in_linear_light))


def _small_as_stored(image: Image.Image) -> Image.Image:
    return as_stored(image, _fitted(image.size, SMALL))


def _small_in_linear_light(image: Image.Image) -> Image.Image:
    return in_linear_light(image, _fitted(image.size, SMALL))


def _file_as_stored(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as image:
        size = _fitted(image.size, LARGE)
        image.draft(None, size)  # JPEG's scaled decoding, which averages stored values itself
        return as_stored(image, size)


def _file_in_linear_light(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as image:
        return in_linear_light(image, _fitted(image.size, LARGE))


def _written(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=CAMERA_QUALITY)
    return file.getvalue()


def _times(ways: Sequence[Callable[[Any], object]], originals: Sequence[object]) -> tuple[str, ...]:
    """Give the median of the processor time of each way to make the small size of the originals."""
    return tuple(f"{median(_milliseconds(way, original) for original in originals):.0f}" for way in ways)


def _milliseconds(way: Callable[[Any], object], original: object) -> float:
    taken = []
    for _ in range(REPEATS):
        started = time.process_time()
        way(original)
        taken.append(time.process_time() - started)
    return 1000 * median(taken)


def _checkerboard(side: int = 256) -> Image.Image:
    image = Image.new("L", (side, side))
    image.putdata([255 * ((number + number // side) % 2) for number in range(side * side)])
    return image


def _lines(side: int = 256) -> Image.Image:
    image = Image.new("L", (side, side))
    image.putdata([255 * (number % 16 == 0) for number in range(side * side)])
    return image


def _mean(image: Image.Image) -> float:
    return mean(ImageStat.Stat(image).mean)


def _brightest(image: Image.Image) -> float:
    return max(ImageStat.Stat(image).extrema)[1]


def _most_different(image: Image.Image) -> float:
    """Give the difference that one value in a hundred exceeds."""
    counts = [sum(image.histogram()[value::256]) for value in range(256)]
    left = sum(counts) / 100
    for value in range(255, -1, -1):
        left -= counts[value]
        if left < 0:
            return value
    return 0


def _range(values: Sequence[float]) -> str:
    return f"{min(values):.1f} to {max(values):.1f}, median {median(values):.1f}"


def _fitted(size: tuple[int, int], side: int) -> tuple[int, int]:
    scale = side / max(size)
    return round(size[0] * scale), round(size[1] * scale)


def _enlarged(size: tuple[int, int]) -> tuple[int, int]:
    scale = math.sqrt(TWELVE_MEGAPIXELS / (size[0] * size[1]))
    return round(size[0] * scale), round(size[1] * scale)


if __name__ == "__main__":
    typer.run(main)

"""`python -m bench.images.webp_efforts`: what each effort of the WebP encoder takes, and what it gives for that."""

import io
import math
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import mean

import typer
from PIL import Image, ImageChops, ImageStat
from rich.console import Console

from bench.images.engines.asked import AskedPrint
from bench.images.engines.fewest_calls import shrunk
from bench.photographs import twelve_megapixel_photographs
from bench.report import Section, print_sections

FOLDER = Path("var/bench").resolve()
EFFORTS = range(7)
QUALITY = 80
REPEATS = 3


def main() -> None:
    """Encode the bench's photographs, each effort in turn."""
    files = [file.read_bytes() for file in twelve_megapixel_photographs(FOLDER)]
    print_sections(
        Console(),
        [
            _section("WebP at 1600 px, encoder alone", _images(files, 1600), lossless=False),
            _section("WebP at 320 px, encoder alone", _images(files, 320), lossless=False),
            _section("WebP at 320 px without loss, encoder alone", _images(files, 320), lossless=True),
        ],
    )


def _images(files: Sequence[bytes], side: int) -> list[Image.Image]:
    return [shrunk(data, [AskedPrint(side=side, format="webp", quality=QUALITY)])[0] for data in files]


def _section(title: str, images: Sequence[Image.Image], *, lossless: bool) -> Section:
    rows = tuple(_row(images, effort, lossless=lossless) for effort in EFFORTS)
    return Section(title, ("effort", "processor ms", "kB", "RMSE of 255"), rows)


def _row(images: Sequence[Image.Image], effort: int, *, lossless: bool) -> tuple[str, ...]:
    measured = [_encoded(image, effort, lossless=lossless) for image in images]
    prints = [data for data, _ in measured]
    loss = math.sqrt(mean(_square(image, data) for image, data in zip(images, prints, strict=True)))
    milliseconds = mean(taken for _, taken in measured)
    return str(effort), f"{milliseconds:.1f}", f"{mean(len(data) for data in prints) / 1000:.1f}", f"{loss:.2f}"


def _encoded(image: Image.Image, effort: int, *, lossless: bool) -> tuple[bytes, float]:
    """Give the print, and the least processor time of some tries."""
    taken = []
    for _ in range(REPEATS):
        file, started = io.BytesIO(), time.process_time()
        image.save(file, "WEBP", quality=QUALITY, method=effort, lossless=lossless)
        taken.append(time.process_time() - started)
    return file.getvalue(), 1000 * min(taken)


def _square(image: Image.Image, data: bytes) -> float:
    with Image.open(io.BytesIO(data)) as opened:
        made = opened.convert("RGB")
    return mean(band**2 for band in ImageStat.Stat(ImageChops.difference(image, made)).rms)


if __name__ == "__main__":
    typer.run(main)

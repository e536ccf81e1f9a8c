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

from bench.images.engines.fewest_calls import shrunk
from bench.images.workloads import WEBP_1600
from bench.photographs import twelve_megapixel_photographs
from bench.report import Section, print_sections

FOLDER = Path("var/bench").resolve()
EFFORTS = range(7)
REPEATS = 3


def main() -> None:
    """Encode the bench's photographs at 1600 pixels, each effort in turn."""
    files = twelve_megapixel_photographs(FOLDER)
    images = [shrunk(file.read_bytes(), [WEBP_1600])[0] for file in files]
    rows = tuple(_row(images, effort) for effort in EFFORTS)
    columns = ("effort", "processor ms", "kB", "RMSE of 255")
    print_sections(Console(), [Section("WebP, encoder alone", columns, rows)])


def _row(images: Sequence[Image.Image], effort: int) -> tuple[str, ...]:
    measured = [_encoded(image, effort) for image in images]
    prints = [data for data, _ in measured]
    loss = math.sqrt(mean(_square(image, data) for image, data in zip(images, prints, strict=True)))
    milliseconds = mean(taken for _, taken in measured)
    return str(effort), f"{milliseconds:.0f}", f"{mean(len(data) for data in prints) / 1000:.0f}", f"{loss:.2f}"


def _encoded(image: Image.Image, effort: int) -> tuple[bytes, float]:
    """Give the print, and the least processor time of some tries."""
    taken = []
    for _ in range(REPEATS):
        file, started = io.BytesIO(), time.process_time()
        image.save(file, "WEBP", quality=WEBP_1600["quality"], method=effort)
        taken.append(time.process_time() - started)
    return file.getvalue(), 1000 * min(taken)


def _square(image: Image.Image, data: bytes) -> float:
    with Image.open(io.BytesIO(data)) as opened:
        made = opened.convert("RGB")
    return mean(band**2 for band in ImageStat.Stat(ImageChops.difference(image, made)).rms)


if __name__ == "__main__":
    typer.run(main)

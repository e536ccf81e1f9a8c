"""How far prints are from what careful, slow work gives: the reference is never written with any loss."""

import io
import math
from pathlib import Path

from PIL import Image, ImageChops, ImageOps, ImageStat

from bench.images.workloads import Workload

WRITTEN_SMALLER = 1
"""Engines may round a side by this many pixels; the print is brought to the reference's size then."""


def mean_difference(workload: Workload, folder: Path) -> float:
    """Root mean square of the differences to the reference, over all prints, in steps of 255."""
    squares = [
        _square(_reference(path, one["side"]), folder / f"{file}.{number}")
        for file, path in enumerate(workload.files)
        for number, one in enumerate(workload.asked)
    ]
    return math.sqrt(sum(squares) / len(squares))


def _reference(path: Path, side: int) -> Image.Image:
    with Image.open(path) as opened:
        image = ImageOps.exif_transpose(opened).convert("RGB")
    image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=None)
    return image


def _square(reference: Image.Image, path: Path) -> float:
    with Image.open(io.BytesIO(path.read_bytes())) as opened:
        made = opened.convert("RGB")
    if made.size != reference.size:
        off = max(abs(made.width - reference.width), abs(made.height - reference.height))
        if off > WRITTEN_SMALLER:
            raise ValueError(f"{path} has {made.size} pixels instead of {reference.size}")
        made = made.resize(reference.size, Image.Resampling.LANCZOS)
    bands = ImageStat.Stat(ImageChops.difference(reference, made)).rms
    return sum(band * band for band in bands) / len(bands)

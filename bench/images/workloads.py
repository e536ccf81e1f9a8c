"""What is made of which files."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from bench.images.engines.asked import AskedPrint
from bench.photographs import CAMERA_QUALITY

SMALL_SIDE = 800
"""Pixels of the longer side of a small file: what the web and messengers pass on, some 100 kB."""

JPEG_320 = AskedPrint(side=320, format="jpeg", quality=82)
JPEG_1600 = AskedPrint(side=1600, format="jpeg", quality=82)
WEBP_1600 = AskedPrint(side=1600, format="webp", quality=80)
WEBP_1600_EFFORT_4 = AskedPrint(side=1600, format="webp", quality=80, effort=4)


@dataclass(frozen=True)
class Workload:
    """Prints of some files; `most_of_libvips` is the goal for the processor time, as a multiple of libvips'."""

    name: str
    asked: tuple[AskedPrint, ...]
    files: tuple[Path, ...]
    repeats: int
    most_of_libvips: float


def workloads(photographs: Sequence[Path], cache: Path) -> list[Workload]:
    """All, on photographs and on the same ones made small."""
    large, small = tuple(photographs), _small(photographs, cache / "small")
    return [
        Workload("JPEG to JPEG, 320 px", (JPEG_320,), large, 4, 1.15),
        Workload("JPEG to JPEG, 1600 and 320 px", (JPEG_1600, JPEG_320), large, 4, 1.15),
        Workload("JPEG to WebP, 1600 px", (WEBP_1600,), large, 3, 1.1),
        Workload("JPEG to WebP, 1600 px, effort 4", (WEBP_1600_EFFORT_4,), large, 3, 1.1),
        Workload("small JPEG to JPEG, 320 px", (JPEG_320,), small, 20, 1.15),
    ]


def _small(photographs: Sequence[Path], folder: Path) -> tuple[Path, ...]:
    folder.mkdir(parents=True, exist_ok=True)
    for path in photographs:
        written = io.BytesIO()
        with Image.open(path) as image:
            image.thumbnail((SMALL_SIDE, SMALL_SIDE), Image.Resampling.LANCZOS)
            image.save(written, "JPEG", quality=CAMERA_QUALITY)
        (folder / path.name).write_bytes(written.getvalue())
    return tuple(sorted(folder.iterdir()))

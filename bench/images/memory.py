"""`python -m bench.images.memory`: the most memory that a worker's child holds over large JPEGs of every kind."""

import asyncio
import contextlib
import io
import os
from pathlib import Path
from typing import Any

import typer
from PIL import ExifTags, Image, ImageCms
from rich.console import Console

from bench.photographs import CAMERA_QUALITY
from bench.report import Section, print_sections
from services.worker.children.limits import ChildLimits
from services.worker.children.pool import ImageChildren
from services.worker.imaging.failures import ImageRejected
from shared.recipes import (
    BUILT_IN_RECIPES,
    AvifOutput,
    Box,
    GifOutput,
    JpegOutput,
    OutputSpec,
    PngOutput,
    Recipe,
    WebpOutput,
)
from shared.recipes.steps import AutoOrient

WORK = "bench.images.peak:develop_and_tell"


def _on_its_side() -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    return exif


def _profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


FIFTY, HUNDRED, TWO_HUNDRED = (8660, 5770), (12_000, 9000), (16_320, 12_240)
KINDS: tuple[tuple[str, tuple[int, int], dict[str, Any]], ...] = (
    ("50 megapixels", FIFTY, {}),
    ("50 megapixels, on its side, with a profile", FIFTY, {"exif": _on_its_side(), "icc_profile": _profile()}),
    ("50 megapixels, 4:4:4", FIFTY, {"subsampling": "4:4:4"}),
    ("50 megapixels, progressive", FIFTY, {"progressive": True}),
    ("50 megapixels, progressive, 4:4:4", FIFTY, {"progressive": True, "subsampling": "4:4:4"}),
    ("108 megapixels", HUNDRED, {}),
    ("200 megapixels", TWO_HUNDRED, {}),
)
RECIPES = (
    *(BUILT_IN_RECIPES[name] for name in ("web", "social", "archive")),
    Recipe(name="6120px", steps=(AutoOrient(),), outputs=(JpegOutput(name="p", fit=Box(width=6120, height=6120)),)),
)
FORMATS: tuple[tuple[str, OutputSpec], ...] = (
    ("PNG, 6120 px", PngOutput(name="p", fit=Box(width=6120, height=6120))),
    ("WebP, 6120 px", WebpOutput(name="p", fit=Box(width=6120, height=6120))),
    ("WebP without loss, 6120 px", WebpOutput(name="p", lossless=True, fit=Box(width=6120, height=6120))),
    ("WebP without loss, 3000 px", WebpOutput(name="p", lossless=True, fit=Box(width=3000, height=3000))),
    ("GIF, 6120 px", GifOutput(name="p", fit=Box(width=6120, height=6120))),
    ("AVIF, 4240 px", AvifOutput(name="p", fit=Box(width=4240, height=4240))),
    ("AVIF, 4800 px", AvifOutput(name="p", fit=Box(width=4800, height=4800))),
)
_WATCH_SECONDS = 0.002


def main() -> None:
    """Develop each kind by each recipe in a child that has just developed 50 megapixels, and show its VmHWM in MB.

    Noise makes the files large. Where a child had jpegtran at work, what both held at once is told too.
    """
    rows = []
    before = noisy(FIFTY, {})
    for name, size, options in KINDS:
        data = noisy(size, options)
        peaks = [asyncio.run(_peak(before, data, recipe)) for recipe in RECIPES]
        rows.append((name, f"{len(data) / 1e6:.0f}", *peaks))
        print(*rows[-1], sep=", ")
    columns = ("JPEG", "file", *(recipe.name for recipe in RECIPES))
    formats = tuple((name, asyncio.run(_peak(before, before, _printing(output)))) for name, output in FORMATS)
    print_sections(
        Console(),
        [
            Section("Most memory of a child, MB", columns, tuple(rows)),
            Section("The same for prints of other formats, of 50 megapixels", ("print", "MB"), formats),
        ],
    )


def _printing(output: OutputSpec) -> Recipe:
    return Recipe(name="print", steps=(AutoOrient(),), outputs=(output,))


async def _peak(before: bytes, data: bytes, recipe: Recipe) -> str:
    limits = ChildLimits(worker_children=1, image_timeout_seconds=300, child_cpu_seconds=120)
    async with ImageChildren(limits, WORK) as children:
        await children.develop(before, recipe)
        (child,) = _started_by(os.getpid())
        watching = asyncio.create_task(_most_of_both(child))
        try:
            own = (await children.develop(data, recipe)).width
        except ImageRejected as rejected:
            return rejected.code
        finally:
            watching.cancel()
            (both,) = await asyncio.gather(watching)
    return f"{own} ({both} with jpegtran)" if both else str(own)


async def _most_of_both(child: int) -> int:
    """Give, when cancelled, the most that a child and what it started held at once in MB; 0 if it started nothing."""
    limit = 0
    with contextlib.suppress(asyncio.CancelledError):
        while True:
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it may end while it is looked at
                if started := _started_by(child):
                    limit = max(limit, sum(_resident_megabytes(pid) for pid in (child, *started)))
            await asyncio.sleep(_WATCH_SECONDS)
    return limit


def _started_by(process: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def _resident_megabytes(process: int) -> int:
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") // 1_000_000


def noisy(size: tuple[int, int], options: dict[str, Any]) -> bytes:
    """Make a JPEG of coarse noise and slopes, of the quality of cameras."""
    noise = Image.effect_noise((size[0] // 4, size[1] // 4), 40).resize(size, Image.Resampling.BICUBIC)
    slope = Image.linear_gradient("L").resize(size)
    file = io.BytesIO()
    Image.merge("RGB", (noise, slope, slope)).save(file, "JPEG", quality=CAMERA_QUALITY, **options)
    return file.getvalue()


if __name__ == "__main__":
    typer.run(main)

"""`python -m bench.images.memory`: the most memory that a worker's child holds over large JPEGs of every kind."""

import asyncio
import io
from typing import Any

import typer
from PIL import Image
from rich.console import Console

from bench.photographs import CAMERA_QUALITY
from bench.report import Section, print_sections
from services.worker.child_limits import ChildLimits
from services.worker.children import ImageChildren
from services.worker.imaging.failures import ImageRejected
from shared.recipes import AutoOrient, Box, JpegOutput, Recipe, built_in_recipes

WORK = "bench.images.peak:develop_and_tell"
FIFTY, HUNDRED, TWO_HUNDRED = (8660, 5770), (12_000, 9000), (16_320, 12_240)
KINDS: tuple[tuple[str, tuple[int, int], dict[str, Any]], ...] = (
    ("50 megapixels", FIFTY, {}),
    ("50 megapixels, 4:4:4", FIFTY, {"subsampling": "4:4:4"}),
    ("50 megapixels, progressive", FIFTY, {"progressive": True}),
    ("50 megapixels, progressive, 4:4:4", FIFTY, {"progressive": True, "subsampling": "4:4:4"}),
    ("108 megapixels", HUNDRED, {}),
    ("200 megapixels", TWO_HUNDRED, {}),
)
RECIPES = (
    *(built_in_recipes()[name] for name in ("web", "social", "archive")),
    Recipe(name="6120px", steps=(AutoOrient(),), outputs=(JpegOutput(name="p", fit=Box(width=6120, height=6120)),)),
)


def main() -> None:
    """Develop each kind by each recipe in a child that has just developed 50 megapixels, and show its VmHWM in MB.

    Noise makes the files large.
    """
    rows = []
    before = _noisy(FIFTY, {})
    for name, size, options in KINDS:
        data = _noisy(size, options)
        peaks = [asyncio.run(_peak(before, data, recipe)) for recipe in RECIPES]
        rows.append((name, f"{len(data) / 1e6:.0f}", *peaks))
        print(*rows[-1], sep=", ")
    columns = ("JPEG", "file", *(recipe.name for recipe in RECIPES))
    print_sections(Console(), [Section("Most memory of a child, MB", columns, tuple(rows))])


async def _peak(before: bytes, data: bytes, recipe: Recipe) -> str:
    limits = ChildLimits(children=1, image_timeout_seconds=300, cpu_seconds_per_image=120)
    async with ImageChildren(limits, WORK) as children:
        await children.develop(before, recipe)
        try:
            return str((await children.develop(data, recipe)).width)
        except ImageRejected as rejected:
            return rejected.code


def _noisy(size: tuple[int, int], options: dict[str, Any]) -> bytes:
    """Make a JPEG of coarse noise and slopes, of the quality of cameras."""
    noise = Image.effect_noise((size[0] // 4, size[1] // 4), 40).resize(size, Image.Resampling.BICUBIC)
    slope = Image.linear_gradient("L").resize(size)
    file = io.BytesIO()
    Image.merge("RGB", (noise, slope, slope)).save(file, "JPEG", quality=CAMERA_QUALITY, **options)
    return file.getvalue()


if __name__ == "__main__":
    typer.run(main)

"""`python -m bench.images.one_pass`: what it costs to develop large progressive JPEGs through jpegtran."""

import resource
import tempfile
from collections.abc import Callable
from statistics import median
from unittest import mock

import typer
from rich.console import Console

from bench.images.memory import KINDS, RECIPES, noisy
from bench.report import Section, print_sections
from services.worker.imaging.developing import develop_image
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from shared.recipes import Recipe

REPEATS = 3
_LARGE_PRINTS = RECIPES[-2:]


def main() -> None:
    """Develop each progressive kind with jpegtran and, with an empty PATH, without it, in turn."""
    rows = []
    for name, size, options in KINDS:
        if options.get("progressive"):
            data = noisy(size, options)
            rows += [(name, recipe.name, *_compared(data, recipe)) for recipe in _LARGE_PRINTS]
    columns = ("JPEG", "recipe", "as it is, s", "through jpegtran, s", "ratio")
    print_sections(Console(), [Section("Processor time of an image, both processes", columns, tuple(rows))])


def _compared(data: bytes, recipe: Recipe) -> tuple[str, str, str]:
    plain: list[float] = []
    rewritten: list[float] = []
    for _ in range(REPEATS):
        with tempfile.TemporaryDirectory() as empty, mock.patch.dict("os.environ", PATH=empty):
            plain.append(_seconds(lambda: develop_image(ImageBytes(data), recipe, ImageLimits())))
        rewritten.append(_seconds(lambda: develop_image(ImageBytes(data), recipe, ImageLimits())))
    before, after = median(plain), median(rewritten)
    return f"{before:.2f}", f"{after:.2f}", f"{after / before:.2f}"


def _seconds(work: Callable[[], object]) -> float:
    before = _used()
    work()
    return _used() - before


def _used() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


if __name__ == "__main__":
    typer.run(main)

"""Custom steps in real image children: what they do, and that only their image suffers from their faults."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from services.worker.children.limits import ChildLimits
from services.worker.children.pool import ImageChildren
from services.worker.imaging.failures import ImageRejected
from shared.recipes import BUILT_IN_RECIPES, Recipe
from shared.recipes.custom_steps import custom_steps
from tests.custom_steps import EXAMPLE, FAULTY, HERE, example_entries, install
from tests.programs import needs_tesseract

LIMITS = ChildLimits(worker_children=1, image_timeout_seconds=3)
CODES = {"exiting": "crashed", "killing": "crashed", "hanging": "timeout"}


@pytest.fixture(autouse=True)
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "faulty").mkdir()
    (tmp_path / "example").mkdir()
    install(tmp_path / "faulty", monkeypatch, HERE)
    install(tmp_path / "example", monkeypatch, example_entries(), EXAMPLE)
    yield
    monkeypatch.undo()
    custom_steps.cache_clear()


def recipe(*steps: dict[str, object]) -> Recipe:
    """A recipe of these steps and one small exact print."""
    output = {"name": "p", "format": "png", "fit": {"width": 100, "height": 100}}
    return Recipe.model_validate({"name": "own", "steps": steps, "outputs": [output]})


def encoded(image: Image.Image) -> bytes:
    """An original."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


WHITE = encoded(Image.new("RGB", (400, 300), "white"))


async def test_the_example_darkens_the_corners() -> None:
    """A step that changes the image, in a child that found it by its entry point."""
    async with ImageChildren(LIMITS) as children:
        developed = await children.develop(WHITE, recipe({"op": "vignette", "strength": 1.0}))
    made = Image.open(io.BytesIO(developed.outputs[0].data)).convert("L")
    assert made.size == (100, 75)
    assert made.getpixel((50, 37)) > 250  # type: ignore[operator] # one channel, one number
    assert made.getpixel((0, 0)) < 40  # type: ignore[operator] # as above


@needs_tesseract
async def test_the_example_reads_what_is_written() -> None:
    """A step that tells something about the image and leaves it as it is."""
    image = Image.new("RGB", (900, 200), "white")
    ImageDraw.Draw(image).text((40, 50), "DARKROOM 2026", fill="black", font=ImageFont.load_default(90))
    async with ImageChildren(ChildLimits(worker_children=1)) as children:
        developed = await children.develop(encoded(image), recipe({"op": "read_text"}))
    assert developed.readings is not None
    assert developed.readings.steps["read_text"]["text"] == "DARKROOM 2026"


async def test_a_step_that_tells_changes_nothing() -> None:
    """Whatever it did to its copy; it saw the image in full size, though the print is small."""
    async with ImageChildren(LIMITS) as children:
        developed = await children.develop(WHITE, recipe({"op": "told", "shade": 7}))
    assert developed.readings is not None
    assert developed.readings.steps == {"told": {"width": 400, "sizes": (400, 300), "none": None}}
    assert Image.open(io.BytesIO(developed.outputs[0].data)).convert("L").getextrema() == (255, 255)


async def test_prints_have_the_size_that_a_step_made() -> None:
    """Nobody knew before."""
    async with ImageChildren(LIMITS) as children:
        developed = await children.develop(WHITE, recipe({"op": "halved", "times": 3}))
    assert (developed.outputs[0].width, developed.outputs[0].height) == (50, 37)


@pytest.mark.parametrize("name", FAULTY)
async def test_a_faulty_step_fails_its_image_and_nothing_else(name: str) -> None:
    """By name, and the next image is developed."""
    async with ImageChildren(LIMITS) as children:
        with pytest.raises(ImageRejected) as caught:
            await children.develop(WHITE, recipe({"op": name}))
        assert caught.value.code == CODES.get(name, "step_failed")
        assert caught.value.code != "step_failed" or name in caught.value.message
        assert len((await children.develop(WHITE, BUILT_IN_RECIPES["web"])).outputs) == 2


async def test_a_step_that_a_worker_lacks_fails_the_image_by_name() -> None:
    """A rolling upgrade may have begun with the gateway."""
    ordered = recipe({"op": "halved"})
    gone = ordered.model_copy(update={"steps": (ordered.steps[0].model_copy(update={"op": "sepia"}),)})
    async with ImageChildren(LIMITS) as children:
        with pytest.raises(ImageRejected, match="“sepia” is not installed"):
            await children.develop(WHITE, gone)

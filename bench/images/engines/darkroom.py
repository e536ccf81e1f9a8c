"""Darkroom's engine, as a worker's child calls it: with a recipe that is read once."""

from typing import Any

from pydantic import TypeAdapter

from bench.images.engines.asked import AskedPrint, webp_effort
from services.worker.imaging.developing import develop_image
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from shared.recipes import OutputSpec, Recipe
from shared.recipes.steps import AutoOrient

_OUTPUT: TypeAdapter[OutputSpec] = TypeAdapter(OutputSpec)
_RECIPES: dict[str, Recipe] = {}
_LIMITS = ImageLimits()


def develop(data: bytes, asked: list[AskedPrint]) -> list[bytes]:
    """Develop one image."""
    return [made.data for made in develop_image(ImageBytes(data), _recipe(asked), _LIMITS).outputs]


def _recipe(asked: list[AskedPrint]) -> Recipe:
    key = repr(asked)
    if key not in _RECIPES:
        outputs = tuple(_OUTPUT.validate_python(_output(number, one)) for number, one in enumerate(asked))
        _RECIPES[key] = Recipe(name="bench", steps=(AutoOrient(),), outputs=outputs)
    return _RECIPES[key]


def _output(number: int, asked: AskedPrint) -> dict[str, Any]:
    side = asked["side"]
    output = {"name": f"print-{number}", "fit": {"width": side, "height": side}, "format": asked["format"]}
    return {**output, **webp_effort(asked, "effort"), "quality": asked["quality"]}

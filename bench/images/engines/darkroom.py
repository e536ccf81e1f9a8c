"""Darkroom's engine, as a worker's child calls it."""

from typing import Any

from pydantic import TypeAdapter

from bench.images.engines.asked import WEBP_EFFORT, AskedPrint
from services.worker.imaging.developing import develop_image
from services.worker.imaging.limits import ImageLimits
from shared.recipes import AutoOrient, OutputSpec, Recipe

_OUTPUT: TypeAdapter[OutputSpec] = TypeAdapter(OutputSpec)


def develop(data: bytes, asked: list[AskedPrint]) -> list[bytes]:
    """Develop one image."""
    outputs = tuple(_OUTPUT.validate_python(_output(number, one)) for number, one in enumerate(asked))
    recipe = Recipe(name="bench", steps=(AutoOrient(),), outputs=outputs)
    return [made.data for made in develop_image(data, recipe, ImageLimits()).outputs]


def _output(number: int, asked: AskedPrint) -> dict[str, Any]:
    side = asked["side"]
    output = {"name": f"print-{number}", "fit": {"width": side, "height": side}, "format": asked["format"]}
    effort = {"effort": WEBP_EFFORT} if asked["format"] == "webp" else {}
    return {**output, **effort, "quality": asked["quality"]}

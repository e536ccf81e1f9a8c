"""Darkroom's engine, as a worker's child calls it: with a recipe that was parsed once and comes pickled each time."""

import pickle
from typing import Any

from pydantic import TypeAdapter

from bench.images.engines.asked import AskedPrint, webp_effort
from services.worker.imaging.developing import develop_image
from services.worker.imaging.image_bytes import Original
from services.worker.imaging.limits import ImageLimits
from shared.recipes import AutoOrient, OutputSpec, Recipe

_OUTPUT: TypeAdapter[OutputSpec] = TypeAdapter(OutputSpec)
_REQUESTS: dict[str, bytes] = {}


def develop(data: bytes, asked: list[AskedPrint]) -> list[bytes]:
    """Develop one image."""
    recipe, limits = pickle.loads(_request(asked))  # noqa: S301 - our own
    return [made.data for made in develop_image(Original(data), recipe, limits).outputs]


def _request(asked: list[AskedPrint]) -> bytes:
    key = repr(asked)
    if key not in _REQUESTS:
        outputs = tuple(_OUTPUT.validate_python(_output(number, one)) for number, one in enumerate(asked))
        recipe = Recipe(name="bench", steps=(AutoOrient(),), outputs=outputs)
        _REQUESTS[key] = pickle.dumps((recipe, ImageLimits()), pickle.HIGHEST_PROTOCOL)
    return _REQUESTS[key]


def _output(number: int, asked: AskedPrint) -> dict[str, Any]:
    side = asked["side"]
    output = {"name": f"print-{number}", "fit": {"width": side, "height": side}, "format": asked["format"]}
    return {**output, **webp_effort(asked, "effort"), "quality": asked["quality"]}

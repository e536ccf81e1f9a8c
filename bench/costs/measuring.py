"""Develop photographs of several formats and sizes by each built-in recipe, and write down what each cost."""

import io
import json
import time
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple, get_args

from PIL import Image

from services.worker.imaging.developing import develop_image
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from shared.costs import ImageFacts
from shared.image_types import ImageFormat
from shared.recipes import BUILT_IN_RECIPES

RECORDED = Path(__file__).with_name("measured.json")
"""One measurement of the built-in recipes, which tests and `make bench-eta` go by."""

MEGAPIXELS = (0.05, 0.5, 2, 6, 12, 24)
FORMATS: tuple[ImageFormat, ...] = get_args(ImageFormat)
SAVED: dict[ImageFormat, dict[str, object]] = {
    "jpeg": {"quality": 90},
    "png": {},
    "webp": {"quality": 85, "method": 2},
    "gif": {},
    "avif": {"quality": 70, "speed": 9},
}


class Measurement(NamedTuple):
    """What one image cost by one recipe, in milliseconds of processor time."""

    recipe: str
    format: ImageFormat
    size_bytes: int
    pixels: int
    cost_ms: float

    @property
    def facts(self) -> ImageFacts:
        """What is known of such an image before it is decoded."""
        return ImageFacts(self.size_bytes, self.format, self.pixels)


def recorded() -> Sequence[Measurement]:
    """The measurement that is kept."""
    return [Measurement(*row) for row in json.loads(RECORDED.read_text())]


def measured(photographs: Sequence[Path]) -> Iterator[Measurement]:
    """Measure each photograph in each size and format; one try each."""
    for path, megapixels, image_format in product(photographs, MEGAPIXELS, FORMATS):
        data, pixels = _encoded(path, megapixels, image_format)
        for name in BUILT_IN_RECIPES:
            cost_ms = _cost_ms(data, name)
            yield Measurement(name, image_format, len(data), pixels, round(cost_ms, 1))


def _encoded(path: Path, megapixels: float, image_format: ImageFormat) -> tuple[bytes, int]:
    with Image.open(path) as image:
        scale = (megapixels * 1e6 / (image.width * image.height)) ** 0.5
        resized = image.convert("RGB").resize((round(image.width * scale), round(image.height * scale)))
    file = io.BytesIO()
    resized.save(file, image_format, **SAVED[image_format])
    return file.getvalue(), resized.width * resized.height


def _cost_ms(data: bytes, recipe: str) -> float:
    started = time.process_time()
    develop_image(ImageBytes(data), BUILT_IN_RECIPES[recipe], ImageLimits())
    return (time.process_time() - started) * 1000

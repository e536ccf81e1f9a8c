"""What is known of an image before anything decodes it."""

from collections.abc import Mapping
from typing import NamedTuple

from shared.costs.bounds import bounded
from shared.image_types import ImageFormat

MAX_PIXELS = 1e9
MAX_BYTES = 1e12
"""Headers may announce anything."""

USUAL_FORMAT: ImageFormat = "jpeg"

BYTES_PER_PIXEL: Mapping[ImageFormat, float] = {"jpeg": 0.35, "png": 1.6, "webp": 0.2, "gif": 0.5, "avif": 0.12}
"""Of usual photographs: it gives the pixels where the header does not tell them."""


class ImageFacts(NamedTuple):
    """An original's size in bytes, the format of its first bytes and the pixels that its header announces.

    Format and pixels are None where they are not known.
    """

    size_bytes: int
    format: ImageFormat | None = None
    pixels: int | None = None

    @property
    def supposed_format(self) -> ImageFormat:
        """The format, or the usual one."""
        return self.format or USUAL_FORMAT

    @property
    def megabytes(self) -> float:
        return bounded(self.size_bytes, 0, MAX_BYTES) / 1e6

    @property
    def megapixels(self) -> float:
        """Millions of pixels: those announced, or as many as the bytes usually hold."""
        if self.pixels is None or self.pixels <= 0:
            guessed = self.size_bytes / BYTES_PER_PIXEL[self.supposed_format]
            return bounded(guessed, 1, MAX_PIXELS) / 1e6
        return bounded(self.pixels, 1, MAX_PIXELS) / 1e6

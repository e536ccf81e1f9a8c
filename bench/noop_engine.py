"""An image engine that makes nothing of an image, so that only what surrounds the pixels is measured."""

from services.worker.imaging.prints import DevelopedImage
from shared.recipes import Recipe


class NoopEngine:
    """An `ImageEngine` without children."""

    async def develop(self, data: bytes, recipe: Recipe) -> DevelopedImage:  # noqa: ARG002 - an ImageEngine's signature
        """Answer at once, with no prints."""
        return DevelopedImage(outputs=(), width=0, height=0, format="none", timings_ms={})

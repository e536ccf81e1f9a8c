"""An image engine that makes nothing of an image, so that only what surrounds the pixels is measured."""

from services.worker.chunks.images import MayBegin
from services.worker.imaging.prints import DevelopedImage
from shared.recipes import Recipe


class NoopEngine:
    """An `ImageEngine` without children."""

    is_able = True

    async def check(self) -> None:
        """There is nothing that could be missing."""

    async def develop(self, data: bytes, recipe: Recipe, may_begin: MayBegin) -> DevelopedImage:  # noqa: ARG002 - an ImageEngine's signature
        """Answer at once, with no prints."""
        await may_begin()
        return DevelopedImage(outputs=(), width=0, height=0, format="none", timings_ms={})

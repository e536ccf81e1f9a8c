"""Why images of a batch failed, cause by cause, each with a few examples."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from services.gateway.collecting.image_pages import ImageFilter, Images
from shared.documents import Batch, ManifestEntry
from shared.ports import ChunkReader

MAX_CAUSES = 50
MAX_EXAMPLES = 5

_MAX_CHUNKS = 5
_MAX_LOOKED_AT = 10
"""Chunks and images that are read for one cause: those of earlier generations may have been retried since."""


@dataclass(frozen=True)
class FailureCause:
    """How many images failed with a code, and a few of them; there may be no example of a cause that is counted."""

    code: str
    images: int
    examples: Sequence[ManifestEntry]


@dataclass(frozen=True)
class FailureCauses:
    """Reads what a batch counts, and examples by an index of causes: the batch's size makes no difference."""

    chunks: ChunkReader
    images: Images

    async def of(self, batch: Batch) -> Sequence[FailureCause]:
        """The causes with the most images first."""
        counted = sorted(batch.failure_codes.items(), key=lambda cause: (-cause[1], cause[0]))
        return [FailureCause(code, images, await self._examples(batch, code)) for code, images in counted[:MAX_CAUSES]]

    async def _examples(self, batch: Batch, code: str) -> Sequence[ManifestEntry]:
        chosen = ImageFilter(code=code)
        chunks = await self.chunks.failing(batch.id, code, _MAX_CHUNKS)
        failed = (index for chunk in chunks for index in chunk.indexes_failed_with(code))
        found: list[ManifestEntry] = []
        for index in islice(dict.fromkeys(failed), _MAX_LOOKED_AT):
            image = await self.images.one(batch, index)
            if chosen.fits(image):
                found.append(image.entry)
            if len(found) == MAX_EXAMPLES:
                break
        return sorted(found, key=lambda entry: entry.index)

"""Finding the images of a retry: those that no earlier generation completed, a stretch of the batch at a time."""

from services.chunker.plan import images_to_retry
from shared.documents import Batch
from shared.ports import ChunkReader

STRETCH_IMAGES = 1000
"""Images looked at in one go, so that a huge batch with few failures is not held in memory."""


async def next_images_to_retry(
    batch: Batch, chunks: ChunkReader, limit: int, stretch_images: int = STRETCH_IMAGES
) -> list[int]:
    """Up to `limit` images of the generation that are in no released chunk, in order.

    Each call goes on where the released chunks end (`planned_images`), so that a generation reads the batch once.
    """
    found: list[int] = []
    for first in range(batch.planned_images, batch.total_images, stretch_images):
        stretch = range(first, min(first + stretch_images, batch.total_images))
        found += images_to_retry(batch, stretch, await chunks.overlapping(batch.id, first, len(stretch)))
        if len(found) >= limit:
            break
    return found[:limit]

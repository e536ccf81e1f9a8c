"""All images of a batch in their order, read page by page while they are taken."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from services.gateway.batches.lookup import find_batch
from services.gateway.collecting.image_pages import Images, ListedImage
from shared.documents import Batch
from shared.ports import BatchReader

READ_AT_ONCE = 200


@dataclass(frozen=True)
class BatchImages:
    """Reads the images of batches, however many, a page at a time."""

    batches: BatchReader
    images: Images

    async def between(self, batch: Batch, first: int, end: int) -> AsyncGenerator[ListedImage, None]:
        """The images with `first` <= index < `end`, as they are in this state of the batch.

        Raises `ApiError` when the batch is deleted meanwhile: nothing is left out without a word.
        """
        for start in range(first, end, READ_AT_ONCE):
            page = await self.images.page(batch, start, min(READ_AT_ONCE, end - start))
            # A batch is marked as deleted before anything of it goes: what was read of one without the mark is whole.
            await find_batch(self.batches, batch.id)
            for image in page.images:
                yield image

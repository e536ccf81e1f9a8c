"""Which of a batch's images a retry by index develops again."""

from collections.abc import Collection

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.answers.errors import ApiError
from services.gateway.batches.lookup import find_batch
from services.gateway.collecting.image_pages import Images
from shared.documents import Remake
from shared.ports import BatchReader

_READ_AT_ONCE = 200


async def find_remake(batches: BatchReader, images: Images, batch_id: str, indexes: Collection[int]) -> Remake | None:
    """Look the images up in a batch; None without indexes. Raises `ApiError` for a batch or image that is not there."""
    if not indexes:
        return None
    batch = await find_batch(batches, batch_id)
    if max(indexes) >= batch.total_images:
        raise ApiError(BatchCode.IMAGE_NOT_FOUND, last=batch.total_images - 1)
    completed = 0
    waiting = sorted(set(indexes))
    while waiting:
        # Pages begin at an index that is asked for, so large gaps between indexes are not read.
        page = await images.page(batch, waiting[0], _READ_AT_ONCE)
        end = waiting[0] + _READ_AT_ONCE
        states = {image.entry.index: image.state for image in page.images}
        completed += sum(states.get(index) == "completed" for index in waiting if index < end)
        waiting = [index for index in waiting if index >= end]
    return Remake(batch.generation if batch.is_finished else None, frozenset(indexes), completed)

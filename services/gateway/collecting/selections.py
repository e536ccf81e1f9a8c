"""Which of a batch's images a retry of some of them is of."""

from collections import Counter
from collections.abc import Collection

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.answers.errors import ApiError
from services.gateway.batches.lookup import find_batch
from services.gateway.collecting.image_pages import Images
from shared.documents import Batch, Selection
from shared.ports import BatchReader

_READ_AT_ONCE = 200


async def find_selection(
    batches: BatchReader, images: Images, batch_id: str, codes: Collection[str], indexes: Collection[int]
) -> Selection | None:
    """Look the images up in a batch; None without codes and indexes. Raises `ApiError` for what is not there."""
    if not indexes:
        return Selection(frozenset(codes)) if codes else None
    batch = await find_batch(batches, batch_id)
    if max(indexes) >= batch.total_images:
        raise ApiError(BatchCode.IMAGE_NOT_FOUND, last=batch.total_images - 1)
    generation = batch.generation if batch.is_finished else None
    found = await _results(images, batch, indexes) if batch.is_finished else {}
    return Selection(frozenset(codes), frozenset(indexes), found, generation)


async def _results(images: Images, batch: Batch, indexes: Collection[int]) -> Counter[str]:
    """How many of these images of a finished batch have come to what."""
    results = Counter[str]()
    waiting = sorted(set(indexes))
    while waiting:
        # Pages begin at an index that is asked for, so large gaps between indexes are not read.
        page = await images.page(batch, waiting[0], _READ_AT_ONCE)
        end = waiting[0] + _READ_AT_ONCE
        outcomes = {image.entry.index: image.outcome for image in page.images}
        found = (outcomes.get(index) for index in waiting if index < end)
        results.update(outcome.result for outcome in found if outcome is not None)
        waiting = [index for index in waiting if index >= end]
    return results

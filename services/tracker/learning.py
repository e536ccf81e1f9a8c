"""What images really cost, on its way from results to the cost models: a sample, apart from the counting."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from services.tracker.progress import single_results
from shared.costs import ImageFacts, MeasuredImage, recipe_key
from shared.documents import Batch, CostModel
from shared.image_types import is_image_format
from shared.messaging.messages import ImageCompleted, ResultMessage
from shared.ports import BatchReader, CostModels
from shared.running.clock import Clock

IMAGES_PER_BATCH = 100
BATCHES = 100
"""So much is kept between two lessons; what comes beyond would teach nothing more."""


class CostLearning:
    """Notes what results say of costs, and teaches the models now and then. What a crash forgets comes again."""

    def __init__(self, batches: BatchReader, models: CostModels, clock: Clock) -> None:
        self._batches = batches
        self._models = models
        self._clock = clock
        self._noted: dict[str, list[MeasuredImage]] = {}

    def note(self, messages: Sequence[ResultMessage]) -> None:
        """Keep what these results say of costs, unless enough is kept."""
        for result in single_results(messages):
            if isinstance(result, ImageCompleted) and (measured := _measured(result)) is not None:
                if result.batch_id not in self._noted and len(self._noted) == BATCHES:
                    continue
                images = self._noted.setdefault(result.batch_id, [])
                if len(images) < IMAGES_PER_BATCH:
                    images.append(measured)

    async def teach(self) -> None:
        """Have the models learn what was noted since the last time; raises a `TransientError` of the database."""
        noted, self._noted = self._noted, {}
        for batch_id, images in noted.items():
            batch = await self._batches.get(batch_id)
            if batch is not None:
                await self._models.change(recipe_key(batch.recipe), partial(_taught, batch, images, self._clock()))


def _taught(batch: Batch, images: Sequence[MeasuredImage], now: datetime, model: CostModel) -> CostModel:
    return model.learnt(batch.recipe, images, now)


def _measured(result: ImageCompleted) -> MeasuredImage | None:
    original = result.original
    if not (result.cpu_ms and result.size_bytes and original and is_image_format(original.format)):
        return None
    pixels = original.width * original.height
    return MeasuredImage(ImageFacts(result.size_bytes, original.format, pixels), result.cpu_ms)

"""How fast a batch moves at present."""

import math
from datetime import datetime

from shared.documents.batch_record import BatchRecord

RATE_MEMORY_SECONDS = 15.0
"""The rate forgets: what happened so long ago weighs 1/e of what happens now."""


def images_per_second(batch: BatchRecord, fresh_images: int, now: datetime) -> float | None:
    """Images per second as an exponentially weighted mean over time; None before there is anything to go by.

    What ends during a pause was begun before it and says nothing: the rate stays, and goes on with the batch.
    """
    if batch.paused:
        return batch.rate_images_per_second
    # The start of a batch that is retried was long ago and says nothing of its speed.
    since = batch.progressed_at or (None if batch.generation else batch.started_at)
    seconds = (now - since).total_seconds() if since else 0.0
    # The clocks of two trackers may differ.
    if seconds <= 0:
        return batch.rate_images_per_second
    newest = fresh_images / seconds
    if batch.rate_images_per_second is None:
        return newest
    weight = 1 - math.exp(-seconds / RATE_MEMORY_SECONDS)
    return batch.rate_images_per_second + weight * (newest - batch.rate_images_per_second)

"""How long a batch will take from its present state on: by the cost of what is left, and by what ended lately."""

from collections.abc import Sequence
from datetime import datetime

from shared.costs import MIN_COST_MS, WIDE, Estimate, Pace
from shared.costs.estimate import FIRST_PROGRESS
from shared.documents.batch_record import BatchRecord
from shared.documents.certainty import Certainty

STILL_SECONDS = 10.0
STILL_IMAGES = 5
"""A batch stands still when nothing ended for both: so many seconds, and the time of so many images."""

COUNTED_SECONDS = 0.3
"""From the end of an image until it is counted: it waits for company on its way."""

USUAL_IMAGE_MS = 100.0
"""Of an image of which nothing is known: only the proportion of what ended to what is left counts then."""


def first_images_ms(batch: BatchRecord, images: int) -> float:
    """The predicted cost of the batch's first images; that of a mean one for each where it is not known which."""
    profile = batch.cost_profile
    if profile is None:
        return images * USUAL_IMAGE_MS
    # Images end about in their order; those of a retry lie anywhere.
    return images * profile.total_ms / profile.images if batch.generation else profile.first_ms(images)


def images_cost_ms(batch: BatchRecord, indexes: Sequence[int]) -> int:
    """The predicted cost of some images, in order: of a run, or of single ones as in a retry."""
    profile = batch.cost_profile
    if profile is None:
        return round(len(indexes) * USUAL_IMAGE_MS)
    if len(indexes) == indexes[-1] - indexes[0] + 1:
        cost = profile.first_ms(indexes[-1] + 1) - profile.first_ms(indexes[0])
    else:
        cost = sum(profile.first_ms(index + 1) - profile.first_ms(index) for index in indexes)
    return max(round(cost), len(indexes) * MIN_COST_MS)


def remaining_ms(batch: BatchRecord) -> float:
    """The predicted cost of all images without an outcome."""
    total = first_images_ms(batch, batch.total_images)
    return max(total - first_images_ms(batch, batch.ended_images), 0.0)


def paced(before: BatchRecord, after: BatchRecord, now: datetime) -> Pace:
    """The pace with what has ended between two states.

    The first progress only starts the watch: how long the batch waited for it says nothing of its speed. What ends in
    a pause was begun before it, and what ended a standstill says nothing of the time after it.
    """
    since = before.progressed_at
    if since is None or before.paused or (before.estimate and before.estimate.state == "stalled"):
        return before.pace
    done = first_images_ms(after, after.ended_images) - first_images_ms(before, before.ended_images)
    return before.pace.went_on(done, (now - since).total_seconds())


def forecast(batch: BatchRecord, seconds: float | None, now: datetime) -> Estimate:
    """What is said of a batch without news: the seconds that it is expected to take; None if nobody works on it.

    One that has a pace stays with its own estimate unless it stands still.
    """
    ended, known = batch.ended_images, batch.estimate
    if seconds is None or _stands_still(batch, now):
        return Estimate(state="stalled", ended_images=ended)
    if batch.pace.work_per_second is not None:
        return known if known and known.state != "stalled" else estimated(batch, Certainty())
    return Estimate.of("measuring" if ended else "waiting", ended, seconds, WIDE)


def _stands_still(batch: BatchRecord, now: datetime) -> bool:
    """Whether it has a pace, and by that should have gone on long ago."""
    rate = batch.pace.work_per_second
    if rate is None or batch.progressed_at is None or not batch.pending_images:
        return False
    image_seconds = remaining_ms(batch) / batch.pending_images / rate
    silence = (now - batch.progressed_at).total_seconds()
    return silence > max(STILL_SECONDS, STILL_IMAGES * image_seconds)


def estimated(batch: BatchRecord, certainty: Certainty) -> Estimate:
    """The time left by the batch's own pace; before it has one, what was forecast stays."""
    rate = batch.pace.work_per_second
    if rate is None:
        forecast = batch.estimate.seconds if batch.estimate else None
        if forecast is None:
            return Estimate(state="measuring", ended_images=batch.ended_images)
        return Estimate.of("measuring", batch.ended_images, forecast, WIDE)
    seconds = remaining_ms(batch) / rate + COUNTED_SECONDS if batch.pending_images else 0.0
    if batch.ended_images < FIRST_PROGRESS * batch.total_images:
        return Estimate.of("measuring", batch.ended_images, seconds, WIDE)
    return Estimate.of("good", batch.ended_images, seconds, certainty.spread(ended_share(batch)))


def ended_share(batch: BatchRecord) -> float:
    """The share of the batch's cost that has ended."""
    return 1 - remaining_ms(batch) / max(first_images_ms(batch, batch.total_images), MIN_COST_MS)

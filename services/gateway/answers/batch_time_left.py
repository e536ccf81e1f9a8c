"""The fields of a batch's status that say how long it will still take."""

from typing import Any

from shared.costs import Estimate
from shared.documents import Batch


def time_left(batch: Batch) -> dict[str, Any]:
    """Values of `estimated_time_remaining`, `estimated_range` and `estimate_state`."""
    if batch.is_finished:
        return _fields(None, 0.0)
    if batch.stop:
        return _fields(None)
    if batch.paused:
        return _fields("paused")
    estimate = batch.estimate
    # A tracker of the version before counts on without it.
    if estimate is None or estimate.ended_images != batch.ended_images:
        estimate = _by_images(batch)
    return _fields(estimate.state, estimate.seconds, estimate.low, estimate.high)


def _by_images(batch: Batch) -> Estimate:
    """The estimate for a batch of which only the rate in images is known, if that."""
    if not batch.rate_images_per_second:
        state = "measuring" if batch.ended_images else "waiting"
        return Estimate(state=state, ended_images=batch.ended_images)
    seconds = round(batch.pending_images / batch.rate_images_per_second, 1)
    return Estimate(state="good", ended_images=batch.ended_images, seconds=seconds)


def _fields(
    state: str | None, seconds: float | None = None, low: float | None = None, high: float | None = None
) -> dict[str, Any]:
    return {
        "estimate_state": state,
        "estimated_time_remaining": seconds,
        "estimated_range": None if low is None or high is None else [low, high],
    }

"""Pure progress: results to outcomes, sums over chunks to a batch's counters, rate and status."""

import math
from collections.abc import Sequence
from datetime import datetime

from shared.documents import Batch, ChunkTotals, Folding, Outcome
from shared.messaging.messages import BatchStopped, ChunkFailed, ImageResult, ImageResults, ResultMessage

SingleResult = ImageResult | ChunkFailed

RATE_MEMORY_SECONDS = 15.0
"""The rate forgets: what happened so long ago weighs 1/e of what happens now."""


def single_results(messages: Sequence[ResultMessage]) -> list[SingleResult]:
    """Every result that the messages carry, in their order."""
    results: list[SingleResult] = []
    for message in messages:
        if isinstance(message, ImageResults):
            results += message.results
        elif not isinstance(message, BatchStopped):
            results.append(message)
    return results


def foldings(results: Sequence[SingleResult]) -> list[Folding]:
    """What a run of results says about each chunk, in the order of the results."""
    outcomes: dict[str, dict[int, Outcome]] = {}
    abandoned: dict[str, Outcome] = {}
    for result in results:
        known = outcomes.setdefault(result.chunk_id, {})
        if isinstance(result, ChunkFailed):
            abandoned.setdefault(result.chunk_id, Outcome(state="failed", code=result.code, message=result.message))
        else:
            known.setdefault(result.index, result.outcome)
    return [
        Folding(chunk_id=chunk_id, outcomes=known, abandoned=abandoned.get(chunk_id))
        for chunk_id, known in outcomes.items()
    ]


def with_totals(batch: Batch, totals: ChunkTotals, now: datetime) -> Batch:
    """The batch once the chunks of its generation add up to `totals`.

    Trackers race and may bring older sums: each counter only grows, so the batch never steps back. What is revoked
    counts when the batch ends early (`Batch.ended_early`).
    """
    if batch.is_finished:
        return batch
    seen = {
        "completed_images": batch.carried_images + totals.completed_images,
        "failed_images": totals.failed_images,
        "completed_chunks": totals.completed_chunks,
        "failed_chunks": totals.failed_chunks,
    }
    counters = {name: max(getattr(batch, name), count) for name, count in seen.items()}
    if all(getattr(batch, name) == count for name, count in counters.items()):
        return batch
    ended = counters["completed_images"] + counters["failed_images"]
    if ended >= batch.total_images and batch.stop:
        return batch.ended_early(totals, now)
    changed = batch.changed(
        now,
        **counters,
        progressed_at=now,
        rate_images_per_second=_rate(batch, ended - batch.ended_images, now),
        status="STARTED",
        started_at=batch.started_at or now,
    )
    if ended >= batch.total_images:
        status = "FAILURE" if changed.failed_images else "SUCCESS"
        # A pause that came too late to hold anything must not hold a retry.
        return changed.model_copy(update={"status": status, "finished_at": now, "paused": False})
    return changed.stopped("failure_threshold", now) if changed.fails_wholesale else changed


def _rate(batch: Batch, fresh_images: int, now: datetime) -> float | None:
    """Images per second as an exponentially weighted mean over time; None before there is anything to go by.

    What ends during a pause was begun before it and says nothing: the rate stays, and goes on with the batch.
    """
    if batch.paused:
        return batch.rate_images_per_second
    # The start of a batch that is retried was long ago and says nothing of its speed.
    since = batch.progressed_at or (None if batch.generation else batch.started_at)
    seconds = (now - since).total_seconds() if since else 0.0
    if seconds <= 0:
        return batch.rate_images_per_second
    newest = fresh_images / seconds
    if batch.rate_images_per_second is None:
        return newest
    weight = 1 - math.exp(-seconds / RATE_MEMORY_SECONDS)
    return batch.rate_images_per_second + weight * (newest - batch.rate_images_per_second)

"""Pure progress: results to outcomes, sums over chunks to a batch's counters, rate and status."""

import math
from collections.abc import Sequence
from datetime import datetime

from shared.documents import Batch, ChunkTotals, Folding, Outcome
from shared.messages import ChunkFailed, ImageCompleted, ImageFailed, ImageResults

Result = ImageCompleted | ImageFailed | ChunkFailed
ResultMessage = Result | ImageResults
RESULT_MESSAGES: tuple[type[ResultMessage], ...] = (ImageCompleted, ImageFailed, ImageResults, ChunkFailed)

RATE_MEMORY_SECONDS = 15.0
"""The rate forgets: what happened so long ago weighs 1/e of what happens now."""


def single_results(messages: Sequence[ResultMessage]) -> list[Result]:
    """Every result that the messages carry, in their order."""
    results: list[Result] = []
    for message in messages:
        results += message.results if isinstance(message, ImageResults) else (message,)
    return results


def foldings(results: Sequence[Result]) -> list[Folding]:
    """What a run of results says about each chunk, in the order of the results."""
    outcomes: dict[str, dict[int, Outcome]] = {}
    abandoned: dict[str, Outcome] = {}
    for result in results:
        known = outcomes.setdefault(result.chunk_id, {})
        if isinstance(result, ChunkFailed):
            abandoned.setdefault(result.chunk_id, Outcome(state="failed", code=result.code, message=result.message))
        else:
            known.setdefault(result.index, _outcome(result))
    return [
        Folding(chunk_id=chunk_id, outcomes=known, abandoned=abandoned.get(chunk_id))
        for chunk_id, known in outcomes.items()
    ]


def _outcome(result: ImageCompleted | ImageFailed) -> Outcome:
    if isinstance(result, ImageCompleted):
        return Outcome(state="completed", prints=result.prints, duration_ms=result.duration_ms, worker=result.worker)
    return Outcome(
        state="failed",
        code=result.code,
        message=result.message,
        duration_ms=result.duration_ms,
        worker=result.worker,
    )


def with_totals(batch: Batch, totals: ChunkTotals, now: datetime) -> Batch:
    """The batch once its chunks add up to `totals`.

    Trackers race and may bring older sums: each counter only grows, so the batch never steps back.
    """
    if batch.is_finished:
        return batch
    counters = {
        name: max(getattr(batch, name), getattr(totals, name))
        for name in ("completed_images", "failed_images", "completed_chunks", "failed_chunks")
    }
    if all(getattr(batch, name) == value for name, value in counters.items()):
        return batch
    ended = counters["completed_images"] + counters["failed_images"] + batch.revoked_images
    changed = batch.changed(
        now,
        **counters,
        progressed_at=now,
        rate_images_per_second=_rate(batch, ended - batch.ended_images, now),
        status="STARTED",
        started_at=batch.started_at or now,
    )
    if ended < batch.total_images:
        return changed
    status = "FAILURE" if changed.failed_images else "SUCCESS"
    return changed.model_copy(update={"status": status, "finished_at": now})


def _rate(batch: Batch, fresh_images: int, now: datetime) -> float | None:
    """Images per second as an exponentially weighted mean over time; None before there is anything to go by."""
    since = batch.progressed_at or batch.started_at
    seconds = (now - since).total_seconds() if since else 0.0
    if seconds <= 0:
        return batch.rate_images_per_second
    newest = fresh_images / seconds
    if batch.rate_images_per_second is None:
        return newest
    weight = 1 - math.exp(-seconds / RATE_MEMORY_SECONDS)
    return batch.rate_images_per_second + weight * (newest - batch.rate_images_per_second)

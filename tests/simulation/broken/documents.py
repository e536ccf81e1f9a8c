"""Documents that change in wrong ways on purpose."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from shared.documents import Batch, Chunk, Outcome, Selection
from shared.documents.failure_counts import FailureCounts
from shared.recipes import Recipe

_folded = Chunk.folded
_lost = Chunk.lost
_resumed = Batch.resumed
_retried = Batch.retried
_results_to_retry = Batch._results_to_retry


def folded_twice(chunk: Chunk, outcomes: Mapping[int, Outcome], now: datetime | None = None) -> Chunk:
    """`Chunk.folded`, but counting what comes instead of what is there."""
    completed = sum(outcome.state == "completed" for outcome in outcomes.values())
    counts = {"completed": chunk.completed + completed, "failed": chunk.failed + len(outcomes) - completed}
    return _folded(chunk, outcomes, now).model_copy(update=counts)


def overwritten(chunk: Chunk, outcomes: Mapping[int, Outcome], now: datetime | None = None) -> Chunk:
    """`Chunk.folded`, but the last outcome of an image replaces the first."""
    return _folded(
        chunk.model_copy(update={"outcomes": {}}), {**{int(i): o for i, o in chunk.outcomes.items()}, **outcomes}, now
    )


def lost_without_suspicion(chunk: Chunk) -> Chunk:
    """`Chunk.lost`, but nobody is suspected."""
    return _lost(chunk.model_copy(update={"suspect": None}))


def resumed_in_silence(batch: Batch, now: datetime) -> Batch:
    """`Batch.resumed`, but the chunker is not to be told."""
    return _resumed(batch, now).model_copy(update={"dispatched_at": batch.dispatched_at})


def retried_without_carried(
    batch: Batch, now: datetime, recipe: Recipe | None = None, selection: Selection | None = None
) -> Batch:
    """`Batch.retried`, but what was completed is not carried over."""
    return _retried(batch, now, recipe, selection).model_copy(update={"carried_images": 0})


def wholesale_at_once(batch: Batch) -> bool:
    """`Batch.fails_wholesale`, but without waiting for the sample."""
    return batch.failure_threshold is not None and batch.failed_images > 0


def retrying_all(batch: Batch, index: int, outcome: Outcome) -> bool:
    """`Batch.retries`, but whatever failed or was revoked, also where a retry is of some images only."""
    return outcome.state != "completed" or batch.remade.get(str(index)) == batch.generation


def nothing_carried(_batch: Batch) -> FailureCounts:
    """`Batch.carried_failure_codes`, but what is not retried does not go on counting."""
    return {}


def counted_twice(batch: Batch, selection: Selection | None) -> Counter[str]:
    """`Batch._results_to_retry`, but an image that is chosen by its code and by its index counts twice."""
    again = _results_to_retry(batch, selection)
    twice = selection.codes & selection.found.keys() if selection else ()
    return again + Counter({code: selection.found[code] for code in twice} if selection else {})


def completed_uncounted(batch: Batch, selection: Selection | None) -> Counter[str]:
    """`Batch._results_to_retry`, but completed images that are chosen by their indexes go on counting."""
    return _results_to_retry(batch, selection) - Counter(completed=batch.total_images)

"""What every stored state of a batch or a chunk must keep to, beside the state before it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from shared.documents import Batch, Chunk

Report = Callable[[str], None]
"""Notes a breach of a promise, as a sentence."""

UNFORESEEN = "unforeseen:"
"""So begins what is reported of an error that nobody has in mind, which may be no breach of a promise by itself."""

NEVER_BACK = ("completed_images", "failed_images", "completed_chunks", "failed_chunks", "released_chunks")
"""Counters that only grow within a generation."""


def batch_problems(before: Batch | None, after: Batch, chunks: Sequence[Chunk]) -> Iterator[str]:
    """What is wrong with a batch as it is stored, given the chunks as they are at that moment."""
    if after.deleted_at is None:
        yield from _problems(before, after, chunks)
    elif not after.is_finished or after.pending_images:
        yield f"is deleted while it is {after.status} with {after.pending_images} pending images"
    elif before is not None and not (before.is_finished or before.stop):
        yield f"is deleted while it is {before.status}"


def _problems(before: Batch | None, after: Batch, chunks: Sequence[Chunk]) -> Iterator[str]:
    if after.ended_images > after.total_images:
        yield f"{after.ended_images} of {after.total_images} images have ended"
    if after.settled_chunks > after.total_chunks:
        yield f"{after.settled_chunks} of {after.total_chunks} chunks have settled"
    if after.carried_images > after.completed_images:
        yield f"carries {after.carried_images} of {after.completed_images} completed images"
    yield from _untrue_counts(after, chunks)
    if after.is_finished:
        yield from _wrong_ends(after)
    if after.paused and (after.is_finished or after.stop):
        yield f"is paused though {after.stop or after.status}"
    if before is not None:
        yield from _wrong_steps(before, after)


def _untrue_counts(batch: Batch, chunks: Sequence[Chunk]) -> Iterator[str]:
    completed = completed_images(chunks, batch.generation)
    present = [chunk for chunk in chunks if chunk.generation == batch.generation]
    limit = {
        "carried_images": len(completed_images(chunks, batch.generation - 1)),
        "completed_images": len(completed),
        "failed_images": sum(_outcomes(chunk, "failed") for chunk in present),
        "failed_chunks": sum(chunk.settled and chunk.gave_up for chunk in present),
        "completed_chunks": sum(chunk.settled for chunk in present),
    }
    for name, true in limit.items():
        if getattr(batch, name) > true:
            yield f"says {name} {getattr(batch, name)} when its chunks say {true}"
    yield from _untrue_codes(batch, present)


def _untrue_codes(batch: Batch, present: Sequence[Chunk]) -> Iterator[str]:
    if sum(batch.failure_codes.values()) != batch.failed_images:
        yield f"says {dict(batch.failure_codes)} of {batch.failed_images} failed images"
    true = sum((_failures(chunk) for chunk in present), Counter())
    if surplus := Counter(batch.failure_codes) - true:
        yield f"says {dict(surplus)} more than its chunks"


def completed_images(chunks: Sequence[Chunk], generation: int) -> set[int]:
    """The images that were completed in this generation or before."""
    return {
        int(index)
        for chunk in chunks
        if chunk.generation <= generation
        for index, outcome in chunk.outcomes.items()
        if outcome.state == "completed"
    }


def _wrong_ends(batch: Batch) -> Iterator[str]:
    if batch.pending_images:
        yield f"is {batch.status} with {batch.pending_images} pending images"
    match batch.stop:
        case "cancelled":
            expected = "REVOKED"
        case "failure_threshold":
            expected = "FAILURE"
        case None:
            expected = "FAILURE" if batch.failed_images else "SUCCESS"
    if batch.status != expected:
        yield f"is {batch.status} with {batch.failed_images} failed images and stop {batch.stop}"
    if batch.revoked_images and not batch.stop:
        yield f"has {batch.revoked_images} revoked images without having been stopped"


def _wrong_steps(before: Batch, after: Batch) -> Iterator[str]:
    if after.version <= before.version:
        yield f"follows version {before.version}"
    if after.generation == before.generation:
        yield from _wrong_steps_within_a_generation(before, after)
    elif after.generation != before.generation + 1 or not before.is_finished:
        yield f"turns from {before.status} of generation {before.generation} to {after.generation}"


def _wrong_steps_within_a_generation(before: Batch, after: Batch) -> Iterator[str]:
    if before.is_finished and (after.status != before.status or _counts(after) != _counts(before)):
        yield f"turns from {before.status} {_counts(before)} to {after.status} {_counts(after)}"
    if before.stop and after.stop != before.stop:
        yield f"stops because of {after.stop} after {before.stop}"
    if after.stop == "failure_threshold" and not (before.stop or _fails_wholesale(after)):
        yield f"is stopped at {after.failed_images} failed of {after.ended_images} images"
    for name in NEVER_BACK:
        if getattr(after, name) < getattr(before, name):
            yield f"{name} steps back from {getattr(before, name)} to {getattr(after, name)}"


def _fails_wholesale(batch: Batch) -> bool:
    threshold = batch.failure_threshold
    ended = batch.completed_images - batch.carried_images + batch.failed_images
    return (
        threshold is not None and ended >= threshold.sample and batch.failed_images >= threshold.percent / 100 * ended
    )


def _counts(batch: Batch) -> Mapping[str, int]:
    return {name: getattr(batch, name) for name in ("completed_images", "failed_images", "revoked_images")}


def chunk_problems(before: Chunk | None, after: Chunk) -> Iterator[str]:
    """What is wrong with a chunk as it is stored."""
    for state in ("completed", "failed", "revoked"):
        true = _outcomes(after, state)
        if getattr(after, state) != true:
            yield f"says {getattr(after, state)} {state} images, its outcomes say {true}"
    if Counter(after.failure_codes) != _failures(after):
        yield f"says {dict(after.failure_codes)} failed, its outcomes say {dict(_failures(after))}"
    if after.settled != (len(after.outcomes) == len(after.indexes)):
        yield f"is {'' if after.settled else 'not '}settled with {len(after.outcomes)} outcomes"
    if after.settled != (after.settled_at is not None):
        yield f"is {'' if after.settled else 'not '}settled, and settled at {after.settled_at}"
    if before is not None:
        yield from _wrong_steps_of_a_chunk(before, after)


def _wrong_steps_of_a_chunk(before: Chunk, after: Chunk) -> Iterator[str]:
    if (before.indexes, before.generation) != (after.indexes, after.generation):
        yield f"has other images than before: {before.indexes}, {after.indexes}"
    for index, outcome in before.outcomes.items():
        if after.outcomes.get(index) != outcome:
            yield f"the outcome of image {index} changes"
    if after.losses < before.losses or after.attempts < before.attempts:
        yield "forgets losses or attempts"
    if before.released_at != after.released_at or before.settled_at not in {None, after.settled_at}:
        yield "was released or settled at another time than before"
    if sum(after.suspicions.values()) > sum(before.suspicions.values()) and before.suspect is None:
        yield f"suspects {after.suspicions} out of nothing"


def _failures(chunk: Chunk) -> Counter[str]:
    return Counter(str(outcome.code) for outcome in chunk.outcomes.values() if outcome.state == "failed")


def _outcomes(chunk: Chunk, state: str) -> int:
    return sum(outcome.state == state for outcome in chunk.outcomes.values())

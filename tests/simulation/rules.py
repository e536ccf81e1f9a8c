"""What every stored state of a batch or a chunk must keep to, beside the state before it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from shared.documents import Batch, Chunk
from tests.simulation.generations import Generation, failed

Report = Callable[[str], None]
"""Notes a breach of a promise, as a sentence."""

UNFORESEEN = "unforeseen:"
"""So begins what is reported of an error that nobody has in mind, which may be no breach of a promise by itself."""

PUBLISHED = ("priority", "owner", "cost_ms", "express")
"""What a chunk says of how it was published, which is over."""

NEVER_BACK = ("completed_images", "failed_images", "completed_chunks", "failed_chunks", "released_chunks")
"""Counters that only grow within a generation."""


def batch_problems(before: Batch | None, after: Batch, present: Generation, chunks: Sequence[Chunk]) -> Iterator[str]:
    """What is wrong with a batch as it is stored, with its present generation and chunks at that moment."""
    if after.deleted_at is None:
        yield from _problems(before, after, present, chunks)
    elif not after.is_finished or after.pending_images:
        yield f"is deleted while it is {after.status} with {after.pending_images} pending images"
    elif before is not None and not (before.is_finished or before.stop):
        yield f"is deleted while it is {before.status}"


def _problems(before: Batch | None, after: Batch, present: Generation, chunks: Sequence[Chunk]) -> Iterator[str]:
    if after.ended_images > after.total_images:
        yield f"{after.ended_images} of {after.total_images} images have ended"
    if after.settled_chunks > after.total_chunks:
        yield f"{after.settled_chunks} of {after.total_chunks} chunks have settled"
    yield from _untrue_counts(after, present, chunks)
    if after.is_finished:
        yield from _wrong_ends(after, present.carried)
    elif after.revoked_images != present.carried["revoked"]:
        yield f"says {after.revoked_images} revoked images while it goes on, and has {present.carried['revoked']}"
    if after.paused and (after.is_finished or after.stop):
        yield f"is paused though {after.stop or after.status}"
    if before is not None:
        yield from _wrong_steps(before, after, present.carried)


def _untrue_counts(batch: Batch, generation: Generation, chunks: Sequence[Chunk]) -> Iterator[str]:
    counted, carried = generation.counted, generation.carried
    present = [chunk for chunk in chunks if chunk.generation == batch.generation]
    limit = {
        "completed_images": counted["completed"],
        "failed_images": failed(counted).total(),
        "failed_chunks": sum(chunk.settled and chunk.gave_up for chunk in present),
        "completed_chunks": sum(chunk.settled for chunk in present),
    }
    for name, true in limit.items():
        if getattr(batch, name) > true:
            yield f"says {name} {getattr(batch, name)} when its chunks say {true}"
    if sum(batch.failure_codes.values()) != batch.failed_images:
        yield f"says {dict(batch.failure_codes)} of {batch.failed_images} failed images"
    for code, images in batch.failure_codes.items():
        if not carried[code] <= images <= counted[code]:
            yield f"says {images} images are {code} when its chunks say {counted[code]}, {carried[code]} of them before"
    if batch.carried_images != carried["completed"]:
        yield f"carries {batch.carried_images} of {carried['completed']} completed images"
    if failed(carried) - Counter(batch.failure_codes):
        yield f"carries {batch.failure_codes} of the failures {failed(carried)}"


def _wrong_ends(batch: Batch, carried: Counter[str]) -> Iterator[str]:
    if batch.pending_images:
        yield f"is {batch.status} with {batch.pending_images} pending images"
    match batch.stop:
        case "cancelled":
            expected = "REVOKED"
        case "failure_threshold":
            expected = "FAILURE"
        case None:
            expected = "FAILURE" if batch.failed_images else "REVOKED" if batch.revoked_images else "SUCCESS"
    if batch.status != expected:
        yield f"is {batch.status} with {batch.failed_images} failed images and stop {batch.stop}"
    if batch.revoked_images > carried["revoked"] and not batch.stop:
        yield f"has {batch.revoked_images} revoked images without having been stopped"


def _wrong_steps(before: Batch, after: Batch, carried: Counter[str]) -> Iterator[str]:
    if after.version <= before.version:
        yield f"follows version {before.version}"
    if after.generation == before.generation:
        yield from _wrong_steps_within_a_generation(before, after, carried)
    elif after.generation != before.generation + 1 or not before.is_finished:
        yield f"turns from {before.status} of generation {before.generation} to {after.generation}"


def _wrong_steps_within_a_generation(before: Batch, after: Batch, carried: Counter[str]) -> Iterator[str]:
    if before.is_finished and (after.status != before.status or _counts(after) != _counts(before)):
        yield f"turns from {before.status} {_counts(before)} to {after.status} {_counts(after)}"
    if before.stop and after.stop != before.stop:
        yield f"stops because of {after.stop} after {before.stop}"
    if after.stop == "failure_threshold" and not (before.stop or _fails_wholesale(after, carried)):
        yield f"is stopped at {after.failed_images} failed of {after.ended_images} images"
    for name in NEVER_BACK:
        if getattr(after, name) < getattr(before, name):
            yield f"{name} steps back from {getattr(before, name)} to {getattr(after, name)}"


def _fails_wholesale(batch: Batch, carried: Counter[str]) -> bool:
    threshold = batch.failure_threshold
    failures = batch.failed_images - failed(carried).total()
    ended = batch.completed_images - carried["completed"] + failures
    return threshold is not None and ended >= threshold.sample and failures >= threshold.percent / 100 * ended


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
    if any(getattr(before, name) != getattr(after, name) for name in PUBLISHED):
        yield f"was published otherwise than it says: {before!r}"
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

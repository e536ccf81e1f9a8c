"""What must hold once every batch has ended, judged image by image."""

from collections.abc import Iterator, Sequence

from shared.documents import Batch, Chunk, Outcome, print_key
from tests.simulation.images import EXPECTED_CODES, PlannedBatch, prints_of
from tests.simulation.services import System

TRANSIENT_CODES = {"storage_unavailable", "broker_unavailable", "documents_unavailable", "crashed"}
"""Codes under which a chunk that was tried often enough may give its images up."""


def breaches(system: System) -> Iterator[str]:
    """Every breach of a promise, as a sentence."""
    planned = {batch.id: batch for batch in system.planned}
    for batch in system.batches.recorded:
        if not batch.is_finished:
            yield f"batch {batch.id} never ended: {batch.status}, {batch.ended_images} of {batch.total_images} images"
            continue
        chunks = [chunk for chunk in system.chunks.recorded if chunk.batch_id == batch.id]
        yield from _wrong_totals(batch, chunks)
        yield from _wrong_images(system, planned[batch.id], chunks)


def _wrong_totals(batch: Batch, chunks: Sequence[Chunk]) -> Iterator[str]:
    outcomes = [outcome for chunk in chunks for outcome in chunk.outcomes.values()]
    completed = sum(outcome.state == "completed" for outcome in outcomes)
    gave_up = sum(chunk.gave_up for chunk in chunks)
    true = {
        "completed_images": completed,
        "failed_images": len(outcomes) - completed,
        "completed_chunks": len(chunks) - gave_up,
        "failed_chunks": gave_up,
        "status": "SUCCESS" if completed == batch.total_images else "FAILURE",
        "pending_images": 0,
    }
    for name, value in true.items():
        if getattr(batch, name) != value:
            yield f"batch {batch.id} says {name} {getattr(batch, name)}, its chunks say {value}"


def _wrong_images(system: System, planned: PlannedBatch, chunks: Sequence[Chunk]) -> Iterator[str]:
    found = sorted(int(index) for chunk in chunks for index in chunk.outcomes)
    if found != list(range(len(planned.images))):
        yield f"batch {planned.id} has outcomes for the images {found}"
    for chunk in chunks:
        if chunk.gave_up and not system.ledger.had_reason_to_give_up(chunk):
            yield f"chunk {chunk.id} gave up without having been retried as promised"
        for index, outcome in chunk.outcomes.items():
            problem = _problem(system, planned, int(index), outcome, gave_up=chunk.gave_up)
            if problem:
                yield f"image {planned.id}/{index} ({planned.images[int(index)]}) {problem}"


def _problem(system: System, planned: PlannedBatch, index: int, outcome: Outcome, *, gave_up: bool) -> str | None:
    expected = EXPECTED_CODES.get(planned.images[index])
    if outcome.state == "completed":
        return f"completed, not {expected}" if expected else _print_problem(system, planned, index, outcome)
    if outcome.code == expected or (gave_up and outcome.code in TRANSIENT_CODES):
        return None
    return f"failed with {outcome.code}"


def _print_problem(system: System, planned: PlannedBatch, index: int, outcome: Outcome) -> str | None:
    batch = system.batches.now(planned.id)
    made = {p.output: p.data for p in prints_of(planned.original(index), batch.recipe)} if batch else {}
    stored = {
        p.output: system.objects.stored.get(print_key(planned.id, index, p.output, p.extension)) for p in outcome.prints
    }
    return None if stored == made else f"is completed with the prints {stored}"

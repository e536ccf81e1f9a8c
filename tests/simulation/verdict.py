"""What must hold once every batch has ended, judged image by image."""

from collections.abc import Collection, Iterator, Sequence

from shared.documents import REVOKED, Batch, Chunk, Outcome, present_outcomes
from shared.object_keys import originals_prefix, print_key
from tests.simulation.clients import Client
from tests.simulation.generations import Generation, failed
from tests.simulation.images import prints_of
from tests.simulation.ledger import MAX_SUSPICIONS
from tests.simulation.plans import PlannedBatch, original_of, plan_of
from tests.simulation.services import System

GAVE_UP_CODE = "storage_unavailable"
"""A chunk that was tried often enough may give its images up so; a deadly image may not take its neighbours with it."""


def breaches(system: System, clients: Sequence[Client]) -> Iterator[str]:
    """Every breach of a promise by the batches, as a sentence."""
    plans = {plan.name: plan for plan in system.plans}
    for batch in system.batches.recorded:
        if batch.deleted_at is None:
            yield from _wrong_batch(system, plans[plan_of(batch.name)], batch)
    for client in clients:
        uploads = [id_ for id_, name in system.batches.uploads.items() if plan_of(name) == client.plan.name]
        if client.plan.key and len(uploads) > 1 and not client.deleted:
            yield f"{client.plan.name} with the key {client.plan.key} became the batches {uploads}"
        for id_ in client.ids:
            if id_ not in client.deleted and system.batches.now(id_) is None:
                yield f"batch {id_} is gone"


def leavings(system: System, clients: Sequence[Client]) -> Iterator[str]:
    """Everything that should be gone once all is tidied up."""
    for client in clients:
        for id_ in client.deleted:
            if system.batches.now(id_) is not None:
                yield f"batch {id_} was deleted and is there"
    for batch in system.batches.recorded:
        if batch.deleted_at is not None:
            yield f"the document of the deleted batch {batch.id} is there"
    kept = {batch.id for batch in system.batches.recorded}
    yield from _drafts(system)
    yield from _objects_of_no_batch(system, kept)
    yield from _documents_of_no_batch(system, kept)


def _drafts(system: System) -> Iterator[str]:
    """What is left of drafts: all have been committed or given up."""
    for id_ in system.drafts._drafts:
        yield f"the draft {id_} is there"
    for id_ in system.appends._appends:
        yield f"the appends of {id_} are there"
    for batch in system.batches.recorded:
        if batch.was_draft:
            pages = system.manifests._pages[batch.id].values()
            named = {entry.original_key(batch.id) for page in pages for entry in page.entries}
            prefix = originals_prefix(batch.id)
            stored = {key for key in system.objects.stored if key.startswith(prefix)}
            yield from (f"{key} is the original of no image" for key in sorted(stored - named))


def _objects_of_no_batch(system: System, kept: Collection[str]) -> Iterator[str]:
    for key in system.objects.stored:
        if key.startswith("uploads/"):
            yield f"the mark {key} is there"
        elif key.split("/")[1] not in kept:
            yield f"{key} belongs to no batch"


def _documents_of_no_batch(system: System, kept: Collection[str]) -> Iterator[str]:
    for chunk in system.chunks.recorded:
        if chunk.batch_id not in kept:
            yield f"chunk {chunk.id} belongs to no batch"
    for id_ in system.manifests._pages:
        if id_ not in kept:
            yield f"the manifest of {id_} belongs to no batch"


def _wrong_batch(system: System, plan: PlannedBatch, batch: Batch) -> Iterator[str]:
    if not batch.is_finished:
        yield (
            f"batch {batch.id} never ended: {batch.status}, {batch.ended_images} of {batch.total_images} images, "
            f"paused {batch.paused}, stop {batch.stop}, generation {batch.generation}"
        )
        return
    if batch.total_images != len(plan.images):
        yield f"batch {batch.id} has {batch.total_images} images instead of {len(plan.images)}"
        return
    chunks = system.chunks.of_batch(batch.id)
    yield from (f"chunk {chunk.id} is not settled" for chunk in chunks if not chunk.settled)
    found = system.batches.generations_of(batch)
    yield from _wrong_totals(batch, chunks, found[-1])
    yield from _wrong_generations(batch, chunks, found)
    yield from _wrong_list(batch, chunks, found[-1])
    for chunk in chunks:
        for index, outcome in chunk.outcomes.items():
            problem = _problem(system, plan, batch, chunk, int(index), outcome)
            if problem:
                yield f"image {chunk.id}/{index} ({plan.images[int(index)]}) {problem}"


def _wrong_totals(batch: Batch, chunks: Sequence[Chunk], last: Generation) -> Iterator[str]:
    present = [chunk for chunk in chunks if chunk.generation == batch.generation]
    gave_up = sum(chunk.gave_up for chunk in present)
    true = {
        "carried_images": last.carried["completed"],
        "completed_images": last.counted["completed"],
        "failed_images": failed(last.counted).total(),
        "failure_codes": failed(last.counted),
        "revoked_images": last.counted["revoked"],
        "pending_images": 0,
        "failed_chunks": gave_up,
        "completed_chunks": sum(not chunk.gave_up and not chunk.revoked for chunk in present),
    }
    for name, value in true.items():
        if getattr(batch, name) != value:
            yield f"batch {batch.id} says {name} {getattr(batch, name)}, its chunks say {value}"
    if batch.revoked_images > last.carried["revoked"] and not batch.stop:
        yield f"batch {batch.id} has revoked images and was not stopped"


def _wrong_list(batch: Batch, chunks: Sequence[Chunk], last: Generation) -> Iterator[str]:
    """What people are shown of each image."""
    outcomes = present_outcomes(batch, range(batch.total_images), chunks)
    for index, result in last.results.items():
        if (listed := outcomes.get(index, REVOKED).result) != result:
            yield f"image {batch.id}/{index} is listed as {listed}, and is {result}"


def _wrong_generations(batch: Batch, chunks: Sequence[Chunk], found: Sequence[Generation]) -> Iterator[str]:
    """Each generation has each image at most once, none that it is not of, and in the end all others."""
    for number, generation in enumerate(found):
        of_generation = [chunk for chunk in chunks if chunk.generation == number]
        images = sorted(index for chunk in of_generation for index in chunk.indexes)
        wanted = sorted(generation.images)
        complete = number == batch.generation and not batch.stop
        if images != wanted if complete else not set(images) <= set(wanted) or len(set(images)) < len(images):
            yield f"generation {number} of batch {batch.id} has the images {images} instead of {wanted}"
        sizes = [len(chunk.indexes) for chunk in sorted(of_generation, key=lambda chunk: chunk.number)]
        if complete and any(size != batch.chunk_size for size in sizes[:-1]):
            yield f"generation {number} of batch {batch.id} is cut into {sizes}"


def _problem(
    system: System, plan: PlannedBatch, batch: Batch, chunk: Chunk, index: int, outcome: Outcome
) -> str | None:
    if outcome.state == "revoked":
        return None if chunk.generation < batch.generation or batch.stop else "is revoked in a batch that went on"
    recipe = system.batches.recipes[batch.id, chunk.generation]
    expected = plan.code(index, recipe)
    if outcome.state == "completed":
        if expected:
            return f"completed, not {expected}"
        return _print_problem(system, batch, chunk, index, outcome)
    if outcome.code == expected or (chunk.gave_up and outcome.code == GAVE_UP_CODE):
        return None
    if outcome.code == "crashed" and system.work.accidents[chunk.id, index] >= MAX_SUSPICIONS:
        return None
    return f"failed with {outcome.code}"


def _print_problem(system: System, batch: Batch, chunk: Chunk, index: int, outcome: Outcome) -> str | None:
    recipe = system.batches.recipes[batch.id, chunk.generation]
    original = original_of(system.batches.uploads[batch.id], index)
    made = {made.output: made.data for made in prints_of(original, recipe)}
    stored = {
        p.output: system.objects.stored.get(print_key(batch.id, index, p.output, p.extension, p.generation))
        for p in outcome.prints
    }
    if any(p.generation != chunk.generation for p in outcome.prints):
        return f"has prints of another generation than {chunk.generation}"
    return None if stored == made else f"is completed with the prints {stored}"

"""Changes of a batch that may finish it: the facts of its end are recorded first, so that no crash loses them."""

from collections.abc import Callable

from shared.documents import Batch, BatchFacts
from shared.ports import BatchWriter, FactsRecorder


async def change_to_end(
    batches: BatchWriter, statistics: FactsRecorder, batch: Batch, change: Callable[[Batch], Batch]
) -> Batch:
    """Store a change of a batch that was just read; answer the batch as it then is.

    If that is finished and no proof, its facts are recorded. A tracker that dies between the two leaves facts of a
    batch that is not finished yet: whichever finishes it records the same, or what has become of it meanwhile.
    """
    expected = _facts(change(batch))
    if expected is not None:
        await statistics.record_facts(expected)
    changed = await batches.change(batch.id, change)
    facts = _facts(changed)
    if facts is not None and facts != expected:
        await statistics.record_facts(facts)
    return changed


def _facts(batch: Batch) -> BatchFacts | None:
    return BatchFacts.of(batch) if batch.is_finished and not batch.is_proof else None

"""What a batch's images have come to, by the chunks of all its generations."""

from collections.abc import Iterable, Mapping, Sequence

from shared.documents.batch import Batch
from shared.documents.chunk import REVOKED, Chunk, Outcome


def outcomes_before(batch: Batch, chunks: Iterable[Chunk]) -> Mapping[int, Outcome]:
    """What images had come to when the present generation began; those that are not named were revoked.

    Earlier generations have ended, so this is the same each time it is asked.
    """
    last: dict[int, tuple[Outcome, int]] = {}
    for chunk in sorted(chunks, key=lambda chunk: chunk.generation, reverse=True):
        if chunk.generation < batch.generation:
            for index, outcome in chunk.outcomes.items():
                last.setdefault(int(index), (outcome, chunk.generation))
    return {index: outcome for index, (outcome, made_in) in last.items() if batch.has_kept(index, outcome, made_in)}


def present_outcomes(batch: Batch, indexes: range, chunks: Sequence[Chunk]) -> Mapping[int, Outcome]:
    """The outcomes that the batch's counts are made of, for those of the images that have one.

    These are what the present generation gave, and for images that it does not retry what they had come to before it:
    an image that is being tried again has none. `chunks` are all that overlap `indexes`; what a later generation has
    made since does not belong to this batch yet.
    """
    before = outcomes_before(batch, chunks)
    outcomes = {i: before.get(i, REVOKED) for i in indexes if not batch.retries(i, before.get(i, REVOKED))}
    for chunk in chunks:
        if chunk.generation == batch.generation:
            for index, outcome in chunk.outcomes.items():
                # An outcome stays, also when the image has moved to another chunk.
                outcomes.setdefault(int(index), outcome)
    return outcomes

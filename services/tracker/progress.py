"""Results as the tracker folds them: which outcome they give each image of each chunk."""

from collections.abc import Sequence

from shared.documents import Folding, Outcome
from shared.messaging.messages import BatchStopped, ChunkFailed, ImageResult, ImageResults, ResultMessage

SingleResult = ImageResult | ChunkFailed


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
    images: dict[str, int] = {}
    for result in results:
        known = outcomes.setdefault(result.chunk_id, {})
        if isinstance(result, ChunkFailed):
            abandoned.setdefault(result.chunk_id, Outcome(state="failed", code=result.code, message=result.message))
        else:
            known.setdefault(result.index, result.outcome)  # of a repeated result the first counts
            images[result.chunk_id] = result.chunk_images
    return [
        Folding(
            chunk_id=chunk_id,
            outcomes=known,
            abandoned=abandoned.get(chunk_id),
            chunk_images=images.get(chunk_id, 0),
        )
        for chunk_id, known in outcomes.items()
    ]

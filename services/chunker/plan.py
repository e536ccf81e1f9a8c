"""Pure planning: which images make up a chunk, and which chunks may be released now."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from shared.documents import REVOKED, Batch, Chunk, outcomes_before


def releasable(batch: Batch, settled_chunks: int, window_chunks: int) -> range:
    """Which chunks of the generation, counted from 0, to release next.

    At most `window_chunks` are then released and unsettled.
    """
    end = min(batch.total_chunks, settled_chunks + window_chunks)
    # The window may have been larger when these were released.
    return range(batch.released_chunks, max(end, batch.released_chunks))


def first_images(batch: Batch, positions: range) -> Iterator[Sequence[int]]:
    """The images of these chunks of a first generation, chunk by chunk: each chunk is a run of images."""
    for position in positions:
        first = position * batch.chunk_size
        yield range(first, min(first + batch.chunk_size, batch.total_images))


def images_to_retry(batch: Batch, indexes: range, chunks: Sequence[Chunk]) -> list[int]:
    """Those of the images that the present generation retries, in order; `chunks` are all that overlap `indexes`."""
    before = outcomes_before(batch, chunks)
    return [index for index in indexes if batch.retries(index, before.get(index, REVOKED))]


def plan_chunk(
    batch: Batch, position: int, indexes: Sequence[int], now: datetime, lease_seconds: float, *, express: bool = False
) -> Chunk:
    """The document of a chunk that is about to be published, the one at `position` in its generation."""
    return Chunk(
        batch_id=batch.id,
        number=batch.first_chunk + position,
        generation=batch.generation,
        priority=batch.priority,
        owner=batch.owner,
        cost_ms=batch.cost_ms(indexes),
        express=express,
        indexes=tuple(indexes),
        lease_until=now + timedelta(seconds=lease_seconds),
        released_at=now,
    )

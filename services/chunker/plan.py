"""Pure planning: which images make up a chunk, and which chunks may be released now."""

from datetime import datetime, timedelta

from shared.documents import Batch, Chunk


def chunk_indexes(batch: Batch, number: int) -> tuple[int, ...]:
    """The images of chunk `number`: the same each time it is asked."""
    first = number * batch.chunk_size
    return tuple(range(first, min(first + batch.chunk_size, batch.total_images)))


def releasable(batch: Batch, settled_chunks: int, window_chunks: int) -> range:
    """The numbers of the chunks to release next, so that at most `window_chunks` are released and unsettled."""
    end = min(batch.total_chunks, settled_chunks + window_chunks)
    return range(batch.released_chunks, max(end, batch.released_chunks))


def plan_chunk(batch: Batch, number: int, now: datetime, lease_seconds: float) -> Chunk:
    """The document of a chunk that is about to be published."""
    return Chunk(
        batch_id=batch.id,
        number=number,
        generation=batch.generation,
        priority=batch.priority,
        indexes=chunk_indexes(batch, number),
        lease_until=now + timedelta(seconds=lease_seconds),
    )

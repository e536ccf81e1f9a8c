"""Which chunks in this process's memory wait for a worker, or are in hand."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime

from shared.documents import Chunk, HeldChunks, Priority


def is_free(chunk: Chunk, now: datetime) -> bool:
    """Whether an unsettled chunk could be claimed."""
    return chunk.worker is None and not chunk.backs_off(now)


def waiting(unsettled: Iterable[Chunk], priority: Priority, now: datetime, exclude: Collection[str]) -> Iterator[Chunk]:
    """Those of a priority that could be claimed, without those of the batches `exclude`."""
    return (
        chunk
        for chunk in unsettled
        if is_free(chunk, now) and chunk.priority == priority and chunk.batch_id not in exclude
    )


def oldest(chunks: Iterable[Chunk]) -> Chunk | None:
    """The one that was released first, of those of which that is recorded."""
    dated = ((chunk.released_at, chunk.id, chunk) for chunk in chunks if chunk.released_at is not None)
    return min(dated, default=(None, None, None))[-1]


def held(unsettled: Iterable[Chunk], now: datetime) -> Sequence[HeldChunks]:
    """Those that wait or are in hand, summed up by batch and holder."""
    found: dict[tuple[str, str | None], HeldChunks] = {}
    for chunk in unsettled:
        if not chunk.backs_off(now):
            key = chunk.batch_id, chunk.worker
            known = found.get(key, HeldChunks(*key, chunks=0, cost_ms=0))
            found[key] = HeldChunks(*key, known.chunks + 1, known.cost_ms + chunk.supposed_cost_ms)
    return sorted(found.values(), key=lambda part: (part.batch_id, part.holder or ""))

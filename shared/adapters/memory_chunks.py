"""The chunks in this process's memory, indexed so that each call costs what it touches, however many are recorded."""

import heapq
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

import structlog

from shared.adapters.memory_waiting_chunks import held, is_free, oldest, waiting
from shared.adapters.yielding import yielding
from shared.documents import Chunk, ChunkSummary, ChunkTotals, Folding, HeldChunks, Priority, chunk_id, summed

log = structlog.get_logger()

BLOCK_IMAGES = 1000
"""Chunks are found by the blocks of consecutive images that theirs lie in."""


@dataclass
class _Numbers:
    """The recorded chunk numbers of one generation of a batch, in order, and those not settled yet."""

    recorded: list[int] = field(default_factory=list)
    unsettled: list[int] = field(default_factory=list)


def _hold(chunk: Chunk) -> tuple[str | None, datetime]:
    return chunk.worker, chunk.lease_until


def _folded(chunk: Chunk, folding: Folding, now: datetime | None) -> Chunk:
    folded = chunk.folded(folding.outcomes, now)
    return folded if folding.abandoned is None else folded.abandoned(folding.abandoned, now)


@yielding
class MemoryChunks:
    """The chunks by id."""

    def __init__(self) -> None:
        self._chunks: dict[str, Chunk] = {}
        self._unsettled: set[str] = set()
        self._numbers: defaultdict[tuple[str, int], _Numbers] = defaultdict(_Numbers)
        self._blocks: defaultdict[tuple[str, int], set[int]] = defaultdict(set)

    async def add(self, chunks: Sequence[Chunk]) -> None:
        for chunk in chunks:
            if chunk.id not in self._chunks:
                self._record(chunk)

    async def overdue(self, now: datetime, limit: int, exclude: Collection[str] = ()) -> Sequence[Chunk]:
        left_out = set(exclude)
        due = (c for c in self._known(self._unsettled) if c.lease_until <= now and c.id not in left_out)
        return heapq.nsmallest(limit, due, key=lambda chunk: chunk.lease_until)

    async def unclaimed(self, priority: Priority, now: datetime, exclude: Collection[str] = ()) -> int:
        return sum(1 for _ in waiting(self._known(self._unsettled), priority, now, exclude))

    async def oldest_waiting(self, priority: Priority, now: datetime, exclude: Collection[str] = ()) -> Chunk | None:
        return oldest(waiting(self._known(self._unsettled), priority, now, exclude))

    async def unclaimed_of(self, batch_id: str, generation: int, now: datetime, limit: int) -> Sequence[Chunk]:
        numbers = self._numbers.get((batch_id, generation), _Numbers()).unsettled
        chunks = (self._chunks[chunk_id(batch_id, number)] for number in numbers)
        return list(islice((chunk for chunk in chunks if is_free(chunk, now)), limit))

    async def held(self, now: datetime) -> Sequence[HeldChunks]:
        return held(self._known(self._unsettled), now)

    async def expire_claim(self, chunk_id: str, worker: str, now: datetime) -> bool:
        for chunk in self._held([chunk_id], worker):
            if chunk.lease_until <= now:
                self._chunks[chunk.id] = chunk.lost().model_copy(update={"lease_until": now})
                return True
        return False

    async def extend(self, chunk_ids: Sequence[str], lease_until: datetime) -> None:
        for chunk in self._known(chunk_ids):
            if not chunk.settled:
                self._chunks[chunk.id] = chunk.model_copy(update={"lease_until": lease_until})

    async def claim(
        self, chunk_id: str, worker: str, now: datetime, lease_until: datetime, *, found_lost: Chunk | None = None
    ) -> Chunk | None:
        chunk = self._chunks.get(chunk_id)
        if chunk is None or chunk.settled:
            return None
        if chunk.worker is None and not is_free(chunk, now):
            return None
        if chunk.worker not in {None, worker} and (found_lost is None or _hold(chunk) != _hold(found_lost)):
            return None
        taken = chunk.claimed(worker, lease_until, now)
        self._chunks[chunk_id] = taken
        return taken

    async def get(self, chunk_id: str) -> Chunk | None:
        return self._chunks.get(chunk_id)

    async def suspect(self, chunk_id: str, worker: str, index: int | None) -> bool:
        for chunk in self._held([chunk_id], worker):
            self._chunks[chunk.id] = chunk.model_copy(update={"suspect": index})
            return True
        return False

    async def unsettled_among(self, chunk_ids: Sequence[str]) -> Sequence[str]:
        return [chunk.id for chunk in self._known(chunk_ids) if not chunk.settled]

    async def renew(self, chunk_ids: Sequence[str], worker: str, lease_until: datetime) -> None:
        for chunk in self._held(chunk_ids, worker):
            self._chunks[chunk.id] = chunk.model_copy(update={"lease_until": lease_until})

    async def release_claim(
        self,
        chunk_id: str,
        worker: str,
        lease_until: datetime,
        *,
        retries: int = 0,
        not_before: datetime | None = None,
    ) -> None:
        for chunk in self._held([chunk_id], worker):
            self._chunks[chunk.id] = chunk.claim_released(lease_until, retries, not_before)

    async def fold(self, foldings: Sequence[Folding], now: datetime | None = None) -> None:
        for folding in foldings:
            self._change(folding.chunk_id, lambda chunk, folding=folding: _folded(chunk, folding, now))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults

    async def revoke_rest(self, chunk_ids: Sequence[str], now: datetime | None = None) -> None:
        for id_ in chunk_ids:
            self._change(id_, lambda chunk: chunk.revoke_rest(now))

    async def unsettled(self, batch_id: str, generation: int, limit: int) -> Sequence[str]:
        numbers = self._numbers.get((batch_id, generation), _Numbers()).unsettled[:limit]
        return [chunk_id(batch_id, number) for number in numbers]

    async def in_hand(self, batch_id: str, generation: int, now: datetime) -> bool:
        numbers = self._numbers.get((batch_id, generation), _Numbers()).unsettled
        chunks = (self._chunks[chunk_id(batch_id, number)] for number in numbers)
        return any(chunk.worker is not None and chunk.lease_until > now for chunk in chunks)

    async def totals(self, batch_id: str, generation: int, first: int, end: int | None = None) -> ChunkTotals:
        recorded = self._numbers.get((batch_id, generation), _Numbers()).recorded
        until = len(recorded) if end is None else bisect_left(recorded, end)
        numbers = recorded[bisect_left(recorded, first) : until]
        chunks = [self._chunks[chunk_id(batch_id, number)] for number in numbers]
        return ChunkTotals(
            completed_images=sum(chunk.completed for chunk in chunks),
            failed_images=sum(chunk.failed for chunk in chunks),
            failure_codes=summed((chunk.failure_codes, 1) for chunk in chunks),
            revoked_images=sum(chunk.revoked for chunk in chunks),
            completed_chunks=sum(chunk.settled and not chunk.gave_up and not chunk.revoked for chunk in chunks),
            failed_chunks=sum(chunk.settled and chunk.gave_up and not chunk.revoked for chunk in chunks),
            revoked_chunks=sum(chunk.settled and chunk.revoked > 0 for chunk in chunks),
        )

    async def first_unsettled(self, batch_id: str, generation: int, first: int) -> int | None:
        unsettled = self._numbers.get((batch_id, generation), _Numbers()).unsettled
        position = bisect_left(unsettled, first)
        return unsettled[position] if position < len(unsettled) else None

    async def overlapping(self, batch_id: str, first: int, count: int) -> Sequence[Chunk]:
        wanted = range(first, first + count)
        blocks = range(first // BLOCK_IMAGES, (first + count - 1) // BLOCK_IMAGES + 1)
        numbers = set[int]().union(*(self._blocks.get((batch_id, block), ()) for block in blocks))
        chunks = (self._chunks[chunk_id(batch_id, number)] for number in sorted(numbers))
        return [chunk for chunk in chunks if any(index in wanted for index in chunk.indexes)]

    sketched = overlapping

    async def failing(self, batch_id: str, code: str, limit: int) -> Sequence[Chunk]:
        numbers = (number for (of, _), known in self._numbers.items() if of == batch_id for number in known.recorded)
        chunks = (self._chunks[chunk_id(batch_id, number)] for number in sorted(numbers, reverse=True))
        return list(islice((chunk for chunk in chunks if code in chunk.failure_codes), max(limit, 0)))

    async def summaries(
        self, batch_id: str, first: tuple[int, int], last_generation: int, limit: int
    ) -> Sequence[ChunkSummary]:
        generations = range(first[0], last_generation + 1)
        recorded = [(n, self._numbers[batch_id, n].recorded) for n in generations if (batch_id, n) in self._numbers]
        starts = (numbers[bisect_left(numbers, first[1]) if n == first[0] else 0 :] for n, numbers in recorded)
        found = islice((number for numbers in starts for number in numbers), max(limit, 0))
        return [ChunkSummary.of(self._chunks[chunk_id(batch_id, number)]) for number in found]

    async def remove(self, batch_id: str) -> None:
        for key in [key for key in self._numbers if key[0] == batch_id]:
            for number in self._numbers.pop(key).recorded:
                id_ = chunk_id(batch_id, number)
                self._unsettled.discard(id_)
                del self._chunks[id_]
        for block in [block for block in self._blocks if block[0] == batch_id]:
            del self._blocks[block]

    def _change(self, id_: str, change: Callable[[Chunk], Chunk]) -> None:
        chunk = self._chunks.get(id_)
        if chunk is None:
            log.warning("outcomes_of_unknown_chunks", chunk_ids=[id_])
            return
        changed = self._chunks[id_] = change(chunk)
        if changed.settled and not chunk.settled:
            self._settle(changed)

    def _known(self, chunk_ids: Iterable[str]) -> Iterable[Chunk]:
        return [self._chunks[id_] for id_ in chunk_ids if id_ in self._chunks]

    def _held(self, chunk_ids: Iterable[str], worker: str) -> Iterable[Chunk]:
        return [chunk for chunk in self._known(chunk_ids) if not chunk.settled and chunk.worker == worker]

    def _record(self, chunk: Chunk) -> None:
        self._chunks[chunk.id] = chunk
        numbers = self._numbers[chunk.batch_id, chunk.generation]
        insort(numbers.recorded, chunk.number)
        for block in {index // BLOCK_IMAGES for index in chunk.indexes}:
            self._blocks[chunk.batch_id, block].add(chunk.number)
        if not chunk.settled:
            insort(numbers.unsettled, chunk.number)
            self._unsettled.add(chunk.id)

    def _settle(self, chunk: Chunk) -> None:
        unsettled = self._numbers[chunk.batch_id, chunk.generation].unsettled
        del unsettled[bisect_left(unsettled, chunk.number)]
        self._unsettled.discard(chunk.id)

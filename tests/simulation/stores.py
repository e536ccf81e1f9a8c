"""The in-memory stores under observation: every change of a batch or a chunk is judged at the moment it happens."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime

from shared.adapters.memory_chunks import MemoryChunks
from shared.adapters.memory_documents import MemoryBatches
from shared.documents import Batch, Chunk, Folding
from shared.errors import ObjectMissingError

Report = Callable[[str], None]

NEVER_BACK = (
    "version",
    "generation",
    "completed_images",
    "failed_images",
    "completed_chunks",
    "failed_chunks",
    "released_chunks",
)


class ObservedBatches(MemoryBatches):
    """Reports each state of a batch that must not be, and sets `all_finished` while nothing is unfinished."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self._report = report
        self.all_finished = asyncio.Event()

    @property
    def recorded(self) -> Sequence[Batch]:
        """Every batch as it is."""
        return tuple(self._batches.values())

    def now(self, batch_id: str) -> Batch | None:
        """The batch as it is at this very moment."""
        return self._batches.get(batch_id)

    def _store(self, batch: Batch) -> None:
        before = self._batches.get(batch.id)
        super()._store(batch)
        for problem in _problems(before, batch):
            self._report(f"batch {batch.id} version {batch.version}: {problem}")
        if self._unfinished:
            self.all_finished.clear()
        else:
            self.all_finished.set()


def _problems(before: Batch | None, after: Batch) -> Sequence[str]:
    problems = []
    if after.completed_images + after.failed_images + after.revoked_images > after.total_images:
        problems.append(f"{after.ended_images} of {after.total_images} images have ended")
    if after.settled_chunks > after.total_chunks:
        problems.append(f"{after.settled_chunks} of {after.total_chunks} chunks have settled")
    if after.is_finished and after.pending_images:
        problems.append(f"is {after.status} with {after.pending_images} pending images")
    if before is not None and before.is_finished and after.status != before.status:
        problems.append(f"turns from {before.status} to {after.status}")
    if before is not None:
        was, is_ = before.model_dump(include=set(NEVER_BACK)), after.model_dump(include=set(NEVER_BACK))
        problems += [
            f"{name} steps back from {was[name]} to {is_[name]}" for name in NEVER_BACK if is_[name] < was[name]
        ]
    return problems


class ObservedChunks(MemoryChunks):
    """Reports each outcome that changes after it was recorded; `refused` are the ids that were claimed in vain."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self._report = report
        self.refused: set[str] = set()

    @property
    def recorded(self) -> Sequence[Chunk]:
        """Every chunk as it is."""
        return tuple(self._chunks.values())

    def now(self, chunk_id: str) -> Chunk | None:
        """The chunk as it is at this very moment."""
        return self._chunks.get(chunk_id)

    async def claim(
        self, chunk_id: str, worker: str, now: datetime, lease_until: datetime, *, take_over: bool
    ) -> Chunk | None:
        """See `ChunkClaims`."""
        chunk = await super().claim(chunk_id, worker, now, lease_until, take_over=take_over)
        if chunk is None:
            self.refused.add(chunk_id)
        return chunk

    async def overdue(self, now: datetime, limit: int) -> Sequence[Chunk]:
        """See `ChunkReleases`; those due at the same moment in the order of their ids, so that runs repeat exactly."""
        return sorted(await super().overdue(now, limit), key=lambda chunk: (chunk.lease_until, chunk.id))

    async def fold(self, foldings: Sequence[Folding]) -> None:
        """See `ChunkOutcomes`."""
        before = {folding.chunk_id: self._chunks.get(folding.chunk_id) for folding in foldings}
        await super().fold(foldings)
        for chunk_id, old in before.items():
            new = self._chunks.get(chunk_id)
            if old and new and any(new.outcomes.get(index) != outcome for index, outcome in old.outcomes.items()):
                self._report(f"chunk {chunk_id}: an outcome changes")


class SimulatedObjects:
    """An `ObjectStore` that is a dictionary."""

    def __init__(self) -> None:
        self.stored: dict[str, bytes] = {}

    async def put(self, key: str, data: bytes | AsyncIterator[bytes]) -> None:
        """See `ObjectStore`."""
        self.stored[key] = data if isinstance(data, bytes) else b"".join([piece async for piece in data])

    async def get(self, key: str) -> bytes:
        """See `ObjectStore`."""
        if key not in self.stored:
            raise ObjectMissingError(f"not found: {key}")
        return self.stored[key]

    async def stream(self, key: str) -> AsyncIterator[bytes]:
        """See `ObjectStore`."""
        data = await self.get(key)

        async def pieces() -> AsyncIterator[bytes]:
            yield data

        return pieces()

    async def remove_under(self, prefix: str) -> None:
        """See `ObjectStore`."""
        for key in [key for key in self.stored if key.startswith(prefix)]:
            del self.stored[key]

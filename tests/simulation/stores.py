"""The in-memory stores under observation: every change of a batch or a chunk is judged at the moment it happens."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from shared.adapters.memory_chunks import MemoryChunks
from shared.adapters.memory_documents import MemoryBatches, MemoryManifests
from shared.documents import Batch, Chunk, ManifestPage
from shared.errors import ObjectDamagedError, ObjectMissingError
from shared.ports import StoredObject
from shared.recipes import Recipe
from shared.running.clock import Clock
from tests.simulation.generations import Generation, Opening, generations
from tests.simulation.plans import PlannedBatch, plan_of, upload_of
from tests.simulation.rules import Report, batch_problems, chunk_problems

Document = TypeVar("Document", bound=Batch | Chunk)


class _Observed(dict[str, Document], Generic[Document]):
    """The documents by id; tells of each change before it is there."""

    def __init__(self, observe: Callable[[Document | None, Document], None]) -> None:
        super().__init__()
        self._observe = observe

    def __setitem__(self, id_: str, document: Document) -> None:
        if self.get(id_) is not document:
            self._observe(self.get(id_), document)
        super().__setitem__(id_, document)


class ObservedChunks(MemoryChunks):
    """Reports each state of a chunk that must not be.

    `on_loss` hears of each worker that is counted as lost, `on_revoked` of images that are revoked.
    """

    def __init__(self, report: Report) -> None:
        super().__init__()
        self._report = report
        self._chunks = _Observed[Chunk](self._observe)
        self._of_batch: defaultdict[str, dict[str, Chunk]] = defaultdict(dict)
        self.on_loss: Callable[[Chunk, Chunk], None] = lambda _before, _after: None
        self.on_revoked: Callable[[Chunk, Collection[int]], None] = lambda _chunk, _indexes: None

    @property
    def recorded(self) -> Collection[Chunk]:
        """Every chunk as it is."""
        return self._chunks.values()

    def now(self, chunk_id: str) -> Chunk | None:
        """The chunk as it is at this very moment."""
        return self._chunks.get(chunk_id)

    def of_batch(self, batch_id: str) -> Sequence[Chunk]:
        """The chunks of a batch as they are, of all generations."""
        return tuple(chunk for id_, chunk in self._of_batch[batch_id].items() if id_ in self._chunks)

    async def overdue(self, now: datetime, limit: int, exclude: Collection[str] = ()) -> Sequence[Chunk]:
        """See `ChunkReleases`; those due at the same moment in the order of their ids, so that runs repeat exactly."""
        return sorted(await super().overdue(now, limit, exclude), key=lambda chunk: (chunk.lease_until, chunk.id))

    def _observe(self, before: Chunk | None, after: Chunk) -> None:
        for problem in chunk_problems(before, after):
            self._report(f"chunk {after.id}: {problem}")
        self._of_batch[after.batch_id][after.id] = after
        if before is not None and after.losses > before.losses:
            self.on_loss(before, after)
        if before is not None and after.revoked > before.revoked:
            fresh = after.outcomes.keys() - before.outcomes.keys()
            self.on_revoked(before, {int(i) for i in fresh if after.outcomes[i].state == "revoked"})


class ObservedBatches(MemoryBatches):
    """Reports each state of a batch that must not be; `on_change` hears of each."""

    def __init__(self, chunks: ObservedChunks, report: Report) -> None:
        super().__init__()
        self._report = report
        self._chunks_of = chunks.of_batch
        self._batches = _Observed[Batch](self._observe)
        self.on_change: Callable[[Batch | None, Batch], None] = lambda _before, _after: None
        self.ids: dict[str, str] = {}
        """The id of each recorded batch by its upload's name."""
        self.uploads: dict[str, str] = {}
        """The upload's name of each batch that was ever recorded."""
        self.recipes: dict[tuple[str, int], Recipe] = {}
        """The recipe of each generation."""
        self.openings: defaultdict[str, list[Opening]] = defaultdict(list)
        """What each generation of each batch was opened for."""
        self.changed = asyncio.Event()

    @property
    def recorded(self) -> Sequence[Batch]:
        """Every batch as it is."""
        return tuple(self._batches.values())

    def now(self, batch_id: str) -> Batch | None:
        """The batch as it is at this very moment."""
        return self._batches.get(batch_id)

    def generations_of(self, batch: Batch) -> Sequence[Generation]:
        """Every generation of a batch by its chunks as they are."""
        return generations(batch.total_images, self.openings[batch.id], self._chunks_of(batch.id))

    def _observe(self, before: Batch | None, after: Batch) -> None:
        if before is None or before.generation != after.generation:
            self.openings[after.id].append(Opening.of(after))
        if before is None:
            self.ids[after.name] = after.id
            self.uploads[after.id] = after.name
        self.recipes.setdefault((after.id, after.generation), after.recipe)
        if self.recipes[after.id, after.generation] != after.recipe:
            self._report(f"batch {after.id}: the recipe of generation {after.generation} changes")
        present = self.generations_of(after)[-1]
        for problem in batch_problems(before, after, present, self._chunks_of(after.id)):
            self._report(f"batch {after.id} version {after.version}: {problem}")
        self.on_change(before, after)
        self.changed.set()


class SimulatedManifests(MemoryManifests):
    """Manifests that name the image of each original: that of an unfit file is never stored, and yet looked for."""

    def __init__(self, indexes: dict[str, int]) -> None:
        super().__init__()
        self._indexes = indexes

    async def add(self, page: ManifestPage) -> None:
        """See `ManifestStore`."""
        await super().add(page)
        for entry in page.entries:
            self._indexes.setdefault(entry.original_key(page.batch_id), entry.index)


class SimulatedObjects:
    """An `ObjectStore` that is a dictionary. The originals of missing images vanish as soon as they are stored."""

    def __init__(self, plans: Iterable[PlannedBatch], clock: Clock) -> None:
        self.stored: dict[str, bytes] = {}
        self._modified: dict[str, datetime] = {}
        self.indexes: dict[str, int] = {}
        """The index in its upload of each original that was ever stored, or is named in a manifest."""
        self._plans = {plan.name: plan for plan in plans}
        self._clock = clock

    async def check(self) -> None:
        """See `ObjectStore`; while it is away, no call comes this far."""

    async def mark(self) -> None:
        """See `ObjectStore`."""

    async def put(self, key: str, data: bytes | AsyncIterator[bytes]) -> None:
        """See `ObjectStore`."""
        whole = data if isinstance(data, bytes) else b"".join([piece async for piece in data])
        if key.startswith("originals/"):
            self.indexes[key] = upload_of(whole)[1]
        if not (key.startswith("originals/") and self._vanishes(whole)):
            self.stored[key] = whole
            self._modified[key] = self._clock()

    async def get(self, key: str) -> bytes:
        """See `ObjectStore`."""
        if key not in self.stored:
            raise ObjectMissingError(f"not found: {key}")
        return self.stored[key]

    async def stream(self, key: str, size_bytes: int | None = None) -> AsyncIterator[bytes]:
        """See `ObjectStore`."""
        data = await self.get(key)
        if size_bytes not in {None, len(data)}:
            raise ObjectDamagedError(key)

        async def pieces() -> AsyncIterator[bytes]:
            yield data

        return pieces()

    async def remove_under(self, prefix: str) -> None:
        """See `ObjectStore`."""
        for key in [key for key in self.stored if key.startswith(prefix)]:
            del self.stored[key]

    async def remove(self, key: str) -> None:
        """See `ObjectStore`."""
        self.stored.pop(key, None)

    async def listed(self, prefix: str) -> AsyncIterator[StoredObject]:
        """See `ObjectStore`."""
        for key in [key for key in self.stored if key.startswith(prefix)]:
            yield StoredObject(key, self._modified[key])

    def _vanishes(self, original: bytes) -> bool:
        upload, index = upload_of(original)
        return self._plans[plan_of(upload)].images[index] == "missing"

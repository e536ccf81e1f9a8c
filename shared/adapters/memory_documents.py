"""The document stores in this process's memory: for the embedded pipeline, for tests and for simulations."""

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from shared.adapters.memory_chunks import MemoryChunks
from shared.adapters.memory_cost_models import MemoryCostModels
from shared.adapters.memory_drafts import MemoryAppends, MemoryDrafts
from shared.adapters.memory_statistics import MemoryStatistics
from shared.adapters.yielding import yielding
from shared.documents import (
    EVERY_BATCH,
    MANIFEST_PAGE_IMAGES,
    Batch,
    BatchFilter,
    ManifestEntry,
    ManifestPage,
    StoredRecipe,
    WorkerRecord,
)
from shared.errors import BatchUnknownError, DuplicateBatchError


@yielding
class MemoryBatches:
    """The batches by id, and their order of creation."""

    def __init__(self) -> None:
        self._batches: dict[str, Batch] = {}
        self._newest: list[tuple[float, str]] = []
        self._unfinished: set[str] = set()
        self._deleted: set[str] = set()
        self._proofs: set[str] = set()
        self._keys: dict[str, str] = {}

    async def add(self, batch: Batch) -> None:
        if batch.id in self._batches:
            raise DuplicateBatchError(f"batch {batch.id} exists already")
        if batch.idempotency_key is not None and batch.idempotency_key in self._keys:
            raise DuplicateBatchError("a batch with this idempotency key exists already")
        # Negative, so that the newest come first and those of one moment by id.
        insort(self._newest, (-batch.created_at.timestamp(), batch.id))
        self._store(batch)

    async def get(self, batch_id: str) -> Batch | None:
        return self._batches.get(batch_id)

    async def of_key(self, idempotency_key: str) -> Batch | None:
        batch_id = self._keys.get(idempotency_key)
        return None if batch_id is None else self._batches[batch_id]

    async def newest(
        self, limit: int, after: tuple[datetime, str] | None = None, chosen: BatchFilter = EVERY_BATCH
    ) -> Sequence[Batch]:
        first = bisect_right(self._newest, (-after[0].timestamp(), after[1])) if after else 0
        listed = islice(self._newest, first, None)
        hidden = self._deleted | self._proofs
        shown = (self._batches[batch_id] for _, batch_id in listed if batch_id not in hidden)
        return list(islice(filter(chosen.fits, shown), max(limit, 0)))

    async def unfinished(self, limit: int, after: str = "") -> Sequence[Batch]:
        ids = sorted(batch_id for batch_id in self._unfinished if batch_id > after)
        return [self._batches[batch_id] for batch_id in ids[: max(limit, 0)]]

    async def deleted(self, limit: int, after: str = "") -> Sequence[Batch]:
        ids = sorted(batch_id for batch_id in self._deleted if batch_id > after)
        return [self._batches[batch_id] for batch_id in ids[: max(limit, 0)]]

    async def expired_proofs(self, now: datetime, limit: int) -> Sequence[Batch]:
        proofs = ((batch.proof_expires_at, batch) for batch in map(self._batches.__getitem__, self._proofs))
        expired = [(at, batch.id) for at, batch in proofs if at and at <= now and batch.deleted_at is None]
        return [self._batches[batch_id] for _, batch_id in sorted(expired)[: max(limit, 0)]]

    async def of_ids(self, batch_ids: AbstractSet[str]) -> Sequence[Batch]:
        return [self._batches[batch_id] for batch_id in batch_ids if batch_id in self._batches]

    async def updated_since(self, moment: datetime, limit: int) -> Sequence[Batch]:
        changed = (batch for batch in self._batches.values() if batch.updated_at >= moment)
        return sorted(changed, key=lambda batch: batch.updated_at)[: max(limit, 0)]

    async def remove(self, batch_id: str) -> None:
        batch = self._batches.pop(batch_id, None)
        if batch is None:
            return
        self._newest.remove((-batch.created_at.timestamp(), batch_id))
        self._unfinished.discard(batch_id)
        self._deleted.discard(batch_id)
        self._proofs.discard(batch_id)
        if batch.idempotency_key is not None:
            del self._keys[batch.idempotency_key]

    async def change(self, batch_id: str, change: Callable[[Batch], Batch]) -> Batch:
        batch = self._batches.get(batch_id)
        if batch is None:
            raise BatchUnknownError(f"no batch has the id {batch_id}")
        changed = change(batch)
        if changed != batch:
            self._store(changed.model_copy(update={"version": batch.version + 1}))
        return self._batches[batch_id]

    def _store(self, batch: Batch) -> None:
        known = self._batches.get(batch.id)
        if known is not None and known.idempotency_key is not None:
            del self._keys[known.idempotency_key]
        if batch.idempotency_key is not None:
            self._keys[batch.idempotency_key] = batch.id
        self._batches[batch.id] = batch
        if batch.is_finished:
            self._unfinished.discard(batch.id)
        else:
            self._unfinished.add(batch.id)
        if batch.deleted_at is not None:
            self._deleted.add(batch.id)
        if batch.is_proof:
            self._proofs.add(batch.id)


@yielding
class MemoryManifests:
    """The pages of each batch by number."""

    def __init__(self) -> None:
        self._pages: defaultdict[str, dict[int, ManifestPage]] = defaultdict(dict)

    async def add(self, page: ManifestPage) -> None:
        self._pages[page.batch_id].setdefault(page.page, page)

    async def entries(self, batch_id: str, first: int, count: int) -> Sequence[ManifestEntry]:
        end = first + max(count, 0)
        pages = self._pages.get(batch_id, {})
        found: list[ManifestEntry] = []
        for number in range(first // MANIFEST_PAGE_IMAGES, (end - 1) // MANIFEST_PAGE_IMAGES + 1):
            if number in pages:
                start = max(0, first - number * MANIFEST_PAGE_IMAGES)
                found += pages[number].entries[start : max(0, end - number * MANIFEST_PAGE_IMAGES)]
        return found

    async def remove(self, batch_id: str) -> None:
        self._pages.pop(batch_id, None)


@yielding
class MemoryWorkers:
    """The newest report of each worker."""

    def __init__(self) -> None:
        self._workers: dict[str, WorkerRecord] = {}

    async def report(self, record: WorkerRecord) -> None:
        known = self._workers.get(record.id)
        # A report that comes late must not replace a newer one.
        if known is None or known.seen_at <= record.seen_at:
            self._workers[record.id] = record

    async def seen_since(self, moment: datetime) -> Sequence[WorkerRecord]:
        return [record for _, record in sorted(self._workers.items()) if record.seen_at >= moment]


@yielding
class MemoryRecipes:
    """The stored recipes by name."""

    def __init__(self) -> None:
        self._recipes: dict[str, StoredRecipe] = {}

    async def save(self, recipe: StoredRecipe) -> None:
        self._recipes[recipe.name] = recipe

    async def replace(self, recipe: StoredRecipe, former: StoredRecipe | None) -> bool:
        if self._recipes.get(recipe.name) != former:
            return False
        self._recipes[recipe.name] = recipe
        return True

    async def get(self, name: str) -> StoredRecipe | None:
        return self._recipes.get(name)

    async def all(self) -> Sequence[StoredRecipe]:
        return [recipe for _, recipe in sorted(self._recipes.items())]

    async def remove(self, recipe: StoredRecipe) -> bool:
        is_stored = self._recipes.get(recipe.name) == recipe
        if is_stored:
            del self._recipes[recipe.name]
        return is_stored


@dataclass(frozen=True)
class MemoryDocuments:
    """Every document store, empty at first and gone with the process."""

    batches: MemoryBatches = field(default_factory=MemoryBatches)
    manifests: MemoryManifests = field(default_factory=MemoryManifests)
    chunks: MemoryChunks = field(default_factory=MemoryChunks)
    workers: MemoryWorkers = field(default_factory=MemoryWorkers)
    recipes: MemoryRecipes = field(default_factory=MemoryRecipes)
    cost_models: MemoryCostModels = field(default_factory=MemoryCostModels)
    statistics: MemoryStatistics = field(default_factory=MemoryStatistics)
    drafts: MemoryDrafts = field(default_factory=MemoryDrafts)
    appends: MemoryAppends = field(default_factory=MemoryAppends)

"""What services need of the document database, apart from chunks."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Protocol

from shared.documents import (
    EVERY_BATCH,
    Batch,
    BatchFilter,
    Certainty,
    CostModel,
    ManifestEntry,
    ManifestPage,
    StoredRecipe,
    WorkerRecord,
)


class BatchReader(Protocol):
    """Batches as people and workers see them."""

    async def get(self, batch_id: str) -> Batch | None:
        """The batch as last confirmed."""

    async def of_key(self, idempotency_key: str) -> Batch | None:
        """The batch that was recorded with this idempotency key."""

    async def newest(
        self, limit: int, after: tuple[datetime, str] | None = None, chosen: BatchFilter = EVERY_BATCH
    ) -> Sequence[Batch]:
        """Up to `limit` batches that fit, the newest first, without proofs and those on their way out (`deleted_at`).

        Batches of one moment come in the order of their ids. With `after`, the `created_at` and id of a batch, which
        may be gone, they begin behind that place.
        """


class BatchWriter(BatchReader, Protocol):
    """Batches as the services see them that record and change them."""

    async def add(self, batch: Batch) -> None:
        """Record a new batch; raises `DuplicateBatchError` when the id or the idempotency key is taken."""

    async def change(self, batch_id: str, change: Callable[[Batch], Batch]) -> Batch:
        """Apply a pure change to the newest state and store the result, unless another writer was faster: then again.

        Each stored change is one `version`, which the store alone counts; a change of nothing stores nothing. Answers
        the stored batch; raises `BatchUnknownError`. `change` may be called several times.
        """


class BatchSweeps(Protocol):
    """Batches as reconcilers see them."""

    async def unfinished(self, limit: int, after: str = "") -> Sequence[Batch]:
        """Up to `limit` unfinished batches in the order of their ids, from the one after id `after`."""

    async def deleted(self, limit: int, after: str = "") -> Sequence[Batch]:
        """Up to `limit` batches with `deleted_at`, in the order of their ids, from the one after id `after`."""

    async def expired_proofs(self, now: datetime, limit: int) -> Sequence[Batch]:
        """Up to `limit` proofs whose time is over, the longest expired first."""

    async def remove(self, batch_id: str) -> None:
        """Forget a batch; nothing happens if there is none."""


class ChangedBatches(Protocol):
    """Batches as those see them who follow all of them."""

    async def of_ids(self, batch_ids: AbstractSet[str]) -> Sequence[Batch]:
        """Those of the batches, some hundreds at most, that are recorded, in any order."""

    async def updated_since(self, moment: datetime, limit: int) -> Sequence[Batch]:
        """Up to `limit` batches that were changed at `moment` or later, the earliest changed first.

        Those on their way out are among them.
        """


class BatchStore(BatchWriter, BatchSweeps, ChangedBatches, Protocol):
    """The batches as a whole; a user takes the part that it needs."""


class ManifestStore(Protocol):
    """The lists of what was uploaded."""

    async def add(self, page: ManifestPage) -> None:
        """Record a page; recording it again changes nothing."""

    async def entries(self, batch_id: str, first: int, count: int) -> Sequence[ManifestEntry]:
        """The entries with `first` <= index < `first + count`, in order."""

    async def remove(self, batch_id: str) -> None:
        """Forget every page of a batch."""


class WorkerRegister(Protocol):
    """Who is working."""

    async def report(self, record: WorkerRecord) -> None:
        """Record how a worker is; the newest report of an id replaces the older."""

    async def seen_since(self, moment: datetime) -> Sequence[WorkerRecord]:
        """The workers that reported at `moment` or later, in the order of their ids."""


class CostModels(Protocol):
    """What was learnt of the cost of images, by recipe."""

    async def get(self, key: str) -> CostModel | None:
        """The model of the recipe with that key; None if nothing was learnt."""

    async def change(self, key: str, change: Callable[[CostModel], CostModel]) -> CostModel:
        """As `BatchWriter.change`, with an empty model where there is none."""

    async def change_certainty(self, change: Callable[[Certainty], Certainty]) -> Certainty:
        """The same with what is known of how true estimates are."""


class RecipeStore(Protocol):
    """The recipes that people keep under a name; few, and small."""

    async def save(self, recipe: StoredRecipe) -> None:
        """Store a recipe under its name, in the place of an older one; the last of several at once stays."""

    async def replace(self, recipe: StoredRecipe, former: StoredRecipe | None) -> bool:
        """Store a recipe in the place of `former`, or where there is none; False if something else is stored there."""

    async def get(self, name: str) -> StoredRecipe | None:
        """The recipe of that name as last confirmed."""

    async def all(self) -> Sequence[StoredRecipe]:
        """Every stored recipe in the order of the names."""

    async def remove(self, recipe: StoredRecipe) -> bool:
        """Forget a recipe; False if it is gone, or another is stored under its name by now."""

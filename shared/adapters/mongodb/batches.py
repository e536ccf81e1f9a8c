"""The batches in MongoDB: changed by compare-and-set on their version."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import get_args

from shared.adapters.mongodb import listing
from shared.adapters.mongodb.driver import Database, Fields, Index
from shared.adapters.mongodb.versioned import change_version
from shared.documents import EVERY_BATCH, FINISHED, Batch, BatchFilter, Status, name_key
from shared.errors import BatchUnknownError, DuplicateBatchError

UNFINISHED = sorted(set(get_args(Status)) - FINISHED)
INDEXES = (
    *listing.INDEXES,
    Index(keys=[("status", 1), ("_id", 1)]),
    Index(keys=[("updated_at", 1)]),
    # Unique among strings only: most batches have no key.
    Index(keys=[("idempotency_key", 1)], only_where={"idempotency_key": {"$type": "string"}}, unique=True),
    Index(keys=[("deleted_at", 1), ("_id", 1)], only_where={"deleted_at": {"$type": "date"}}),
    Index(keys=[("deleted_at", 1), ("proof_expires_at", 1)], only_where={"proof_expires_at": {"$type": "date"}}),
)


class MongoBatches:
    """One document per batch."""

    def __init__(self, database: Database) -> None:
        self._batches = database.collection("batches", INDEXES)
        # A person's progress never runs backwards: a write that a failover may yet undo is not shown.
        self._confirmed = database.collection("batches", reads="majority")
        # All as of one moment: a batch that moves from one status to another while both are read is not missed.
        self._of_one_moment = database.collection("batches", reads="snapshot")

    async def add(self, batch: Batch) -> None:
        if not await self._batches.insert({"_id": batch.id, **batch.model_dump(), **_derived(batch)}):
            raise DuplicateBatchError(f"batch {batch.id}, or its idempotency key, exists already")

    async def get(self, batch_id: str) -> Batch | None:
        return await self._confirmed.read_one(Batch, {"_id": batch_id})

    async def of_key(self, idempotency_key: str) -> Batch | None:
        # The type is what the index asks for: MongoDB does not conclude it from the value.
        return await self._confirmed.read_one(Batch, {"idempotency_key": {"$eq": idempotency_key, "$type": "string"}})

    async def newest(
        self, limit: int, after: tuple[datetime, str] | None = None, chosen: BatchFilter = EVERY_BATCH
    ) -> Sequence[Batch]:
        batches = self._confirmed if chosen == EVERY_BATCH else self._of_one_moment
        return await batches.read(Batch, listing.listed(chosen, after), order=listing.ORDER, limit=limit)

    async def unfinished(self, limit: int, after: str = "") -> Sequence[Batch]:
        unfinished = {"status": {"$in": UNFINISHED}, "_id": {"$gt": after}}
        return await self._confirmed.read(Batch, unfinished, order=[("_id", 1)], limit=limit)

    async def deleted(self, limit: int, after: str = "") -> Sequence[Batch]:
        deleted = {"deleted_at": {"$type": "date"}, "_id": {"$gt": after}}
        return await self._confirmed.read(Batch, deleted, order=[("_id", 1)], limit=limit)

    async def expired_proofs(self, now: datetime, limit: int) -> Sequence[Batch]:
        expired = {"deleted_at": None, "proof_expires_at": {"$type": "date", "$lte": now}}
        return await self._confirmed.read(Batch, expired, order=[("proof_expires_at", 1)], limit=limit)

    async def of_ids(self, batch_ids: AbstractSet[str]) -> Sequence[Batch]:
        return await self._confirmed.read(Batch, {"_id": {"$in": list(batch_ids)}})

    async def updated_since(self, moment: datetime, limit: int) -> Sequence[Batch]:
        changed = {"updated_at": {"$gte": moment}}
        return await self._confirmed.read(Batch, changed, order=[("updated_at", 1)], limit=limit)

    async def remove(self, batch_id: str) -> None:
        await self._batches.remove_all({"_id": batch_id})

    async def change(self, batch_id: str, change: Callable[[Batch], Batch]) -> Batch:
        changed = await change_version(self._batches, Batch, batch_id, change, _derived)
        if changed is None:
            raise BatchUnknownError(f"no batch has the id {batch_id}")
        return changed


def _derived(batch: Batch) -> Fields:
    return {"name_key": name_key(batch.name)}

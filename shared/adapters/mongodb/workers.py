"""The workers' heartbeats in MongoDB."""

from collections.abc import Sequence
from datetime import datetime

from shared.adapters.mongodb.driver import ADVISORY, Database, Index
from shared.documents import WorkerRecord

FORGOTTEN_AFTER_SECONDS = 24 * 3600
"""Every process has an id of its own, so the records of those that are gone must not stay."""

INDEXES = (Index(keys=[("seen_at", 1)], forget_after_seconds=FORGOTTEN_AFTER_SECONDS),)


class MongoWorkers:
    """One document per worker process, as it last reported itself."""

    def __init__(self, database: Database) -> None:
        self._workers = database.collection("workers", INDEXES, writes=ADVISORY)

    async def report(self, record: WorkerRecord) -> None:
        report = {"$mergeObjects": ["$$ROOT", {"$literal": record.model_dump()}]}
        # A report that comes late must not replace a newer one.
        newest = {"$cond": [{"$gt": ["$seen_at", record.seen_at]}, "$$ROOT", report]}
        await self._workers.update({"_id": record.id}, [{"$replaceWith": newest}], upsert=True)

    async def seen_since(self, moment: datetime) -> Sequence[WorkerRecord]:
        return await self._workers.read(WorkerRecord, {"seen_at": {"$gte": moment}}, order=[("_id", 1)])

"""The statistics in MongoDB, summed on the server."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.adapters.mongodb.driver import ADVISORY, Database, Fields, Index
from shared.documents import (
    DURATION_BUCKETS,
    FACTS_KEPT_SECONDS,
    WORK_KEPT_SECONDS,
    BatchFacts,
    FactSums,
    PeriodSeconds,
    WorkPeriod,
    WorkSums,
)

PERIOD_INDEXES = (
    Index(keys=[("seconds", 1), ("begins_at", 1)]),
    Index(keys=[("begins_at", 1)], forget_after_seconds=WORK_KEPT_SECONDS),
)
FACTS_INDEXES = (Index(keys=[("finished_at", 1)], forget_after_seconds=FACTS_KEPT_SECONDS),)

_SUMMED_WORK = ("developed", "failed", "bytes_in", "bytes_out", "busy_ms")
_SUMMED_FACTS = ("completed_images", "failed_images", "revoked_images", "wait_ms", "run_ms")


class MongoStatistics:
    """One document per worker and period, and one per finished generation of a batch."""

    def __init__(self, database: Database) -> None:
        self._periods = database.collection("work_periods", PERIOD_INDEXES, writes=ADVISORY)
        self._facts = database.collection("batch_facts", FACTS_INDEXES)

    async def record_work(self, periods: Sequence[WorkPeriod]) -> None:
        await self._periods.update_each({period.id: _newest(period) for period in periods}, upsert=True)

    async def record_facts(self, facts: BatchFacts) -> None:
        await self._facts.update({"_id": facts.id}, {"$set": facts.model_dump()}, upsert=True)

    async def work(self, seconds: PeriodSeconds, first: datetime, end: datetime, step: int) -> Sequence[WorkSums]:
        since_step = {"$mod": [{"$toLong": "$begins_at"}, step * 1000]}
        group = {
            "_id": {"$subtract": ["$begins_at", since_step]},
            **{name: {"$sum": f"${name}"} for name in _SUMMED_WORK},
            "capacity_ms": {"$sum": {"$multiply": ["$slots", "$alive_ms"]}},
            **{str(n): {"$sum": {"$arrayElemAt": ["$durations", n]}} for n in range(DURATION_BUCKETS)},
        }
        found = await self._periods.aggregate(
            [{"$match": _within(seconds, first, end)}, {"$group": group}, {"$sort": {"_id": 1}}]
        )
        return [
            WorkSums(at=sums["_id"], durations=tuple(sums[str(n)] for n in range(DURATION_BUCKETS)), **_named(sums))
            for sums in found
        ]

    async def failures(self, seconds: PeriodSeconds, first: datetime, end: datetime) -> Mapping[str, int]:
        found = await self._periods.aggregate(
            [
                {"$match": {**_within(seconds, first, end), "failed": {"$gt": 0}}},
                {"$project": {"codes": {"$objectToArray": "$failed_by_code"}}},
                {"$unwind": "$codes"},
                {"$group": {"_id": "$codes.k", "images": {"$sum": "$codes.v"}}},
            ]
        )
        return {sums["_id"]: sums["images"] for sums in found}

    async def finished(self, first: datetime, end: datetime) -> Sequence[FactSums]:
        group = {
            "_id": {"recipe": "$recipe", "status": "$status"},
            "batches": {"$sum": 1},
            "timed_batches": {"$sum": {"$cond": [{"$gte": ["$run_ms", 0]}, 1, 0]}},
            **{name: {"$sum": f"${name}"} for name in _SUMMED_FACTS},
        }
        when = {"finished_at": {"$gte": first, "$lt": end}}
        found = await self._facts.aggregate([{"$match": when}, {"$group": group}, {"$sort": {"_id": 1}}])
        return [FactSums(**sums.pop("_id"), **sums) for sums in map(dict, found)]


def _newest(period: WorkPeriod) -> list[Fields]:
    """The update to this record of a period, unless what is stored is newer: a write may come late."""
    record = {"$mergeObjects": ["$$ROOT", {"$literal": period.model_dump()}]}
    return [{"$replaceWith": {"$cond": [{"$gt": ["$alive_ms", period.alive_ms]}, "$$ROOT", record]}}]


def _within(seconds: PeriodSeconds, first: datetime, end: datetime) -> dict[str, Any]:
    return {"seconds": seconds, "begins_at": {"$gte": first, "$lt": end}}


def _named(sums: Fields) -> dict[str, Any]:
    return {name: sums[name] for name in (*_SUMMED_WORK, "capacity_ms")}

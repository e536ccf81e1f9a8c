"""The chunks in MongoDB: released, claimed, folded and summed."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import structlog

from shared.adapters.mongodb import hundreds
from shared.adapters.mongodb.claiming import claim_update, loss_update
from shared.adapters.mongodb.driver import ADVISORY, Database, Fields, Index, Pipeline
from shared.adapters.mongodb.folding import fold_update, revoke_rest_update, whole_update
from shared.adapters.mongodb.sketching import SUMMARY_FIELDS, failure_fields, sketch_fields
from shared.adapters.mongodb.summing import SUMMED, held_found, held_pipeline, totals_found, totals_pipeline
from shared.documents import Chunk, ChunkSummary, ChunkTotals, Folding, HeldChunks, Priority

log = structlog.get_logger()

COLLECTION = "chunks"

_IN_GENERATION = [("batch_id", 1), ("generation", 1), ("number", 1)]
INDEXES = (
    *(Index(keys=[*_IN_GENERATION, *index.keys], only_where=index.only_where) for index in SUMMED),
    Index(keys=_IN_GENERATION, only_where={"settled": False}),
    Index(keys=[("lease_until", 1)], only_where={"settled": False}),
    Index(keys=[("priority", 1), ("worker", 1), ("released_at", 1)], only_where={"settled": False}),
    hundreds.INDEX,
    Index(keys=[("batch_id", 1), ("causes", 1), ("number", -1)], only_where={"failed": {"$gt": 0}}),
)


def _not_backing_off(now: datetime) -> Fields:
    # `$not` finds null and missing as well: no backoff, and chunks that an older version recorded.
    return {"not_before": {"$not": {"$gt": now}}}


def _free(now: datetime) -> Fields:
    return {"worker": None, **_not_backing_off(now)}


def _recorded(chunk: Chunk) -> Fields:
    return {"_id": chunk.id, **chunk.model_dump(), "hundreds": hundreds.hundreds_of(chunk.indexes)}


class MongoChunks:
    """One document per chunk."""

    def __init__(self, database: Database) -> None:
        self._chunks = database.collection(COLLECTION, INDEXES)
        self._leases = database.collection(COLLECTION, writes=ADVISORY)
        # Sums and seals never step back, so they must not rest on what a failover may undo, nor count a chunk twice
        # because a fold moved it along the index while it was read.
        self._settled = database.collection(COLLECTION, reads="snapshot")

    async def add(self, chunks: Sequence[Chunk]) -> None:
        await self._chunks.insert_missing([_recorded(chunk) for chunk in chunks])

    async def overdue(self, now: datetime, limit: int, exclude: Collection[str] = ()) -> Sequence[Chunk]:
        where: dict[str, Any] = {"settled": False, "lease_until": {"$lte": now}}
        if exclude:
            where["_id"] = {"$nin": list(exclude)}
        return await self._chunks.read(Chunk, where, order=[("lease_until", 1)], limit=limit)

    async def unclaimed(self, priority: Priority, now: datetime, exclude: Collection[str] = ()) -> int:
        where: dict[str, Any] = {"settled": False, "priority": priority, **_free(now)}
        if exclude:
            where["batch_id"] = {"$nin": list(exclude)}
        return await self._chunks.count(where)

    async def oldest_waiting(self, priority: Priority, now: datetime, exclude: Collection[str] = ()) -> Chunk | None:
        # Without a date are those that an older version recorded.
        released = {"released_at": {"$type": "date"}}
        where: dict[str, Any] = {"settled": False, "priority": priority, **_free(now), **released}
        if exclude:
            where["batch_id"] = {"$nin": list(exclude)}
        found = await self._chunks.read(Chunk, where, order=[("released_at", 1)], limit=1)
        return found[0] if found else None

    async def unclaimed_of(self, batch_id: str, generation: int, now: datetime, limit: int) -> Sequence[Chunk]:
        where = {"batch_id": batch_id, "generation": generation, "settled": False, **_free(now)}
        return await self._chunks.read(Chunk, where, order=[("number", 1)], limit=limit)

    async def held(self, now: datetime) -> Sequence[HeldChunks]:
        # With a lease, which all have, so that the index of leases finds them.
        where = {"settled": False, "lease_until": {"$type": "date"}, **_not_backing_off(now)}
        return held_found(await self._chunks.aggregate(held_pipeline(where)))

    async def expire_claim(self, chunk_id: str, worker: str, now: datetime) -> bool:
        where = {"_id": chunk_id, "settled": False, "worker": worker, "lease_until": {"$lte": now}}
        return await self._leases.update(where, loss_update(now))

    async def extend(self, chunk_ids: Sequence[str], lease_until: datetime) -> None:
        where = {"_id": {"$in": list(chunk_ids)}, "settled": False}
        await self._leases.update_all(where, {"$set": {"lease_until": lease_until}})

    async def claim(
        self, chunk_id: str, worker: str, now: datetime, lease_until: datetime, *, found_lost: Chunk | None = None
    ) -> Chunk | None:
        takeable: list[Fields] = [_free(now), {"worker": worker}]
        if found_lost is not None and found_lost.worker is not None:
            takeable.append({"worker": found_lost.worker, "lease_until": found_lost.lease_until})
        where = {"_id": chunk_id, "settled": False, "$or": takeable}
        return await self._leases.update_and_read(Chunk, where, claim_update(worker, now, lease_until))

    async def get(self, chunk_id: str) -> Chunk | None:
        return await self._chunks.read_one(Chunk, {"_id": chunk_id})

    async def suspect(self, chunk_id: str, worker: str, index: int | None) -> bool:
        where = {"_id": chunk_id, "settled": False, "worker": worker}
        return await self._leases.update(where, {"$set": {"suspect": index}})

    async def unsettled_among(self, chunk_ids: Sequence[str]) -> Sequence[str]:
        found = await self._chunks.find({"_id": {"$in": list(chunk_ids)}, "settled": False}, fields={"_id": 1})
        return [chunk["_id"] for chunk in found]

    async def renew(self, chunk_ids: Sequence[str], worker: str, lease_until: datetime) -> None:
        where = {"_id": {"$in": list(chunk_ids)}, "settled": False, "worker": worker}
        await self._leases.update_all(where, {"$set": {"lease_until": lease_until}})

    async def release_claim(
        self,
        chunk_id: str,
        worker: str,
        lease_until: datetime,
        *,
        retries: int = 0,
        not_before: datetime | None = None,
    ) -> None:
        where = {"_id": chunk_id, "settled": False, "worker": worker}
        free = {"worker": None, "suspect": None, "lease_until": lease_until, "not_before": not_before}
        await self._leases.update(where, {"$set": free, "$max": {"retries": retries}})

    async def fold(self, foldings: Sequence[Folding], now: datetime | None = None) -> None:
        by_chunk: defaultdict[str, list[Folding]] = defaultdict(list)
        for folding in foldings:
            by_chunk[folding.chunk_id].append(folding)
        whole = {id_: whole_update(one, now) for id_, (one, *more) in by_chunk.items() if one.may_be_whole and not more}
        computed = {id_: fold_update(learnt, now) for id_, learnt in by_chunk.items() if id_ not in whole}
        updates: dict[str, Fields | Pipeline] = {**computed, **{id_: update for id_, (_, update) in whole.items()}}
        conditions = {id_: condition for id_, (condition, _) in whole.items()}
        if await self._chunks.update_each(updates, only_where=conditions) < len(by_chunk):
            # Some of the chunks had outcomes already, or are not there.
            await self._chunks.update_each({id_: fold_update(by_chunk[id_], now) for id_ in whole})
            if unknown := await self._unknown(list(by_chunk)):
                log.warning("outcomes_of_unknown_chunks", chunk_ids=unknown)

    async def revoke_rest(self, chunk_ids: Sequence[str], now: datetime | None = None) -> None:
        await self._chunks.update_each(dict.fromkeys(chunk_ids, revoke_rest_update(now)))

    async def unsettled(self, batch_id: str, generation: int, limit: int) -> Sequence[str]:
        where = {"batch_id": batch_id, "generation": generation, "settled": False}
        # Not the newest: a chunk that was folded a moment ago would be settled here, and not yet in the sums, so that
        # an end of the batch by both would count its images as revoked.
        found = await self._settled.find(where, order=[("number", 1)], limit=limit, fields={"_id": 1})
        return [chunk["_id"] for chunk in found]

    async def in_hand(self, batch_id: str, generation: int, now: datetime) -> bool:
        where = {"batch_id": batch_id, "generation": generation, "settled": False}
        held = {"worker": {"$ne": None}, "lease_until": {"$gt": now}}
        return bool(await self._chunks.find({**where, **held}, limit=1, fields={"_id": 1}))

    async def totals(self, batch_id: str, generation: int, first: int, end: int | None = None) -> ChunkTotals:
        numbers = {"$gte": first} if end is None else {"$gte": first, "$lt": end}
        where = {"batch_id": batch_id, "generation": generation, "number": numbers}
        return totals_found(await self._settled.aggregate(totals_pipeline(where, COLLECTION)))

    async def first_unsettled(self, batch_id: str, generation: int, first: int) -> int | None:
        where = {"batch_id": batch_id, "generation": generation, "settled": False, "number": {"$gte": first}}
        found = await self._settled.find(where, order=[("number", 1)], limit=1, fields={"number": 1})
        return int(found[0]["number"]) if found else None

    async def overlapping(self, batch_id: str, first: int, count: int) -> Sequence[Chunk]:
        return await self._overlapping(batch_id, first, count, None)

    async def sketched(self, batch_id: str, first: int, count: int) -> Sequence[Chunk]:
        return await self._overlapping(batch_id, first, count, sketch_fields(first, count))

    async def failing(self, batch_id: str, code: str, limit: int) -> Sequence[Chunk]:
        where = {"batch_id": batch_id, "causes": code, "failed": {"$gt": 0}}
        return await self._chunks.read(Chunk, where, order=[("number", -1)], limit=limit, fields=failure_fields(code))

    async def summaries(
        self, batch_id: str, first: tuple[int, int], last_generation: int, limit: int
    ) -> Sequence[ChunkSummary]:
        generation, number = first
        later = {"generation": {"$gt": generation, "$lte": last_generation}}
        begun = {"generation": {"$eq": generation, "$lte": last_generation}, "number": {"$gte": number}}
        where = {"$or": [{"batch_id": batch_id, **begun}, {"batch_id": batch_id, **later}]}
        return await self._chunks.read(ChunkSummary, where, order=_IN_GENERATION, limit=limit, fields=SUMMARY_FIELDS)

    async def remove(self, batch_id: str) -> None:
        await self._chunks.remove_all({"batch_id": batch_id})

    async def _overlapping(self, batch_id: str, first: int, count: int, fields: Fields | None) -> Sequence[Chunk]:
        where = hundreds.overlapping(batch_id, first, count)
        return await self._chunks.read(Chunk, where, order=[("number", 1)], fields=fields)

    async def _unknown(self, chunk_ids: list[str]) -> list[str]:
        found = await self._chunks.find({"_id": {"$in": chunk_ids}}, fields={"_id": 1})
        return sorted(set(chunk_ids) - {chunk["_id"] for chunk in found})

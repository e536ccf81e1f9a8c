"""The chunks in MongoDB: released, claimed, folded and summed."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog

from shared.adapters.mongodb.driver import ADVISORY, Database, Index
from shared.adapters.mongodb.folding import fold_update
from shared.documents import Chunk, ChunkTotals, Folding, Priority

log = structlog.get_logger()

_IN_GENERATION = [("batch_id", 1), ("generation", 1), ("number", 1)]
_SUMMED = [("settled", 1), ("gave_up", 1), ("completed", 1), ("failed", 1)]
INDEXES = (
    Index(keys=[*_IN_GENERATION, *_SUMMED]),  # totals are read from the index alone
    Index(keys=_IN_GENERATION, only_where={"settled": False}),
    Index(keys=[("lease_until", 1)], only_where={"settled": False}),
    Index(keys=[("priority", 1), ("worker", 1)], only_where={"settled": False}),
    Index(keys=[("batch_id", 1), ("indexes", 1)]),
)


class MongoChunks:
    """One document per chunk."""

    def __init__(self, database: Database) -> None:
        self._chunks = database.collection("chunks")
        self._leases = database.collection("chunks", writes=ADVISORY)
        # Sums and seals never step back, so they must not rest on what a failover may undo, nor count a chunk twice
        # because a fold moved it along the index while it was read.
        self._settled = database.collection("chunks", reads="snapshot")

    async def ensure_indexes(self) -> None:
        """Create what the queries below need."""
        await self._chunks.ensure_indexes(INDEXES)

    async def add(self, chunks: Sequence[Chunk]) -> None:
        """Record chunks; one that is already recorded stays as it is."""
        await self._chunks.insert_missing([{"_id": chunk.id, **chunk.model_dump()} for chunk in chunks])

    async def overdue(self, now: datetime, limit: int) -> Sequence[Chunk]:
        """Up to `limit` unsettled chunks whose lease has run out, the longest overdue first."""
        if limit <= 0:
            return []  # MongoDB reads a limit of 0 as none
        where = {"settled": False, "lease_until": {"$lte": now}}
        found = await self._chunks.find(where, order=[("lease_until", 1)], limit=limit)
        return [Chunk.model_validate(chunk) for chunk in found]

    async def unclaimed(self, priority: Priority) -> int:
        """How many unsettled chunks of a priority are in no worker's hands."""
        return await self._chunks.count({"settled": False, "priority": priority, "worker": None})

    async def extend(self, chunk_ids: Sequence[str], lease_until: datetime) -> None:
        """Give unsettled chunks a new lease."""
        where = {"_id": {"$in": list(chunk_ids)}, "settled": False}
        await self._leases.update_all(where, {"$set": {"lease_until": lease_until}})

    async def claim(
        self, chunk_id: str, worker: str, now: datetime, lease_until: datetime, *, take_over: bool
    ) -> Chunk | None:
        """Take the chunk for this worker, counting one attempt, and answer it as it then is; None if it may not."""
        where: dict[str, Any] = {"_id": chunk_id, "settled": False}
        if not take_over:
            where["$or"] = [{"worker": {"$in": [None, worker]}}, {"lease_until": {"$lte": now}}]
        taken = {"$set": {"worker": worker, "lease_until": lease_until}, "$inc": {"attempts": 1}}
        found = await self._leases.update_and_get(where, taken)
        return Chunk.model_validate(found) if found else None

    async def renew(self, chunk_ids: Sequence[str], worker: str, lease_until: datetime) -> None:
        """Extend this worker's leases on unsettled chunks."""
        where = {"_id": {"$in": list(chunk_ids)}, "settled": False, "worker": worker}
        await self._leases.update_all(where, {"$set": {"lease_until": lease_until}})

    async def hand_back(self, chunk_id: str, worker: str, lease_until: datetime) -> None:
        """End this worker's claim on an unsettled chunk: it is in nobody's hands and due at `lease_until`."""
        where = {"_id": chunk_id, "settled": False, "worker": worker}
        await self._leases.update(where, {"$set": {"worker": None, "lease_until": lease_until}})

    async def fold(self, foldings: Sequence[Folding]) -> None:
        """Add outcomes to chunks, each chunk in one atomic majority write; an image's first outcome stays."""
        by_chunk: defaultdict[str, list[Folding]] = defaultdict(list)
        for folding in foldings:
            by_chunk[folding.chunk_id].append(folding)
        known = await self._chunks.update_each({id_: fold_update(learnt) for id_, learnt in by_chunk.items()})
        if known < len(by_chunk):
            log.warning("outcomes_of_unknown_chunks", chunk_ids=await self._unknown(list(by_chunk)))

    async def totals(self, batch_id: str, generation: int, first: int, end: int | None = None) -> ChunkTotals:
        """Sums over the generation's chunks with `first` <= number (< `end`)."""
        numbers = {"$gte": first} if end is None else {"$gte": first, "$lt": end}
        given_up = {"$and": ["$settled", "$gave_up"]}
        otherwise = {"$and": ["$settled", {"$not": ["$gave_up"]}]}
        sums = {
            "completed_images": {"$sum": "$completed"},
            "failed_images": {"$sum": "$failed"},
            "completed_chunks": {"$sum": {"$cond": [otherwise, 1, 0]}},
            "failed_chunks": {"$sum": {"$cond": [given_up, 1, 0]}},
        }
        where = {"batch_id": batch_id, "generation": generation, "number": numbers}
        found = await self._settled.aggregate([{"$match": where}, {"$group": {"_id": None, **sums}}])
        return ChunkTotals.model_validate(found[0]) if found else ChunkTotals()

    async def first_unsettled(self, batch_id: str, generation: int, first: int) -> int | None:
        """The lowest number >= `first` of an unsettled recorded chunk of the generation; None if there is none."""
        where = {"batch_id": batch_id, "generation": generation, "settled": False, "number": {"$gte": first}}
        found = await self._settled.find(where, order=[("number", 1)], limit=1, fields={"number": 1})
        return int(found[0]["number"]) if found else None

    async def overlapping(self, batch_id: str, first: int, count: int) -> Sequence[Chunk]:
        """The chunks of all generations with an image in `first` <= index < `first + count`, oldest first."""
        where = {"batch_id": batch_id, "indexes": {"$elemMatch": {"$gte": first, "$lt": first + count}}}
        found = await self._chunks.find(where, order=[("number", 1)])
        return [Chunk.model_validate(chunk) for chunk in found]

    async def _unknown(self, chunk_ids: list[str]) -> list[str]:
        found = await self._chunks.find({"_id": {"$in": chunk_ids}}, fields={"_id": 1})
        return sorted(set(chunk_ids) - {chunk["_id"] for chunk in found})

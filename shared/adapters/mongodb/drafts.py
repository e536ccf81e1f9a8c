"""The drafts and their appends in MongoDB."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from shared.adapters.mongodb.driver import Database, Index
from shared.adapters.mongodb.listing import ORDER, behind
from shared.adapters.mongodb.versioned import change_version
from shared.documents import Append, AppendedFiles, Draft, DraftTotals
from shared.errors import DraftUnknownError

DRAFT_INDEXES = (
    # Unique among strings only: a draft that was given up has no key.
    Index(keys=[("idempotency_key", 1)], only_where={"idempotency_key": {"$type": "string"}}, unique=True),
    Index(keys=[("state", 1), *ORDER]),
)
_SUMMED = ("images", "unfit_images", "size_bytes")
APPEND_INDEXES = (
    Index(keys=[("draft_id", 1), ("key", 1)], only_where={"key": {"$type": "string"}}, unique=True),
    Index(keys=[("draft_id", 1), ("position", 1), ("number", 1)]),
    # Totals are read from the index alone.
    Index(keys=[("draft_id", 1), ("number", 1), *((name, 1) for name in _SUMMED)]),
)


class MongoDrafts:
    """One small document per draft, changed by compare-and-set on its version."""

    def __init__(self, database: Database) -> None:
        self._drafts = database.collection("drafts", DRAFT_INDEXES)
        self._confirmed = database.collection("drafts", reads="majority")

    async def add(self, draft: Draft) -> bool:
        return await self._drafts.insert({"_id": draft.id, **draft.model_dump()})

    async def get(self, draft_id: str) -> Draft | None:
        return await self._confirmed.read_one(Draft, {"_id": draft_id})

    async def of_key(self, idempotency_key: str) -> Draft | None:
        # The type is what the index asks for: MongoDB does not conclude it from the value.
        return await self._confirmed.read_one(Draft, {"idempotency_key": {"$eq": idempotency_key, "$type": "string"}})

    async def change(self, draft_id: str, change: Callable[[Draft], Draft]) -> Draft:
        changed = await change_version(self._drafts, Draft, draft_id, change)
        if changed is None:
            raise DraftUnknownError(f"no draft has the id {draft_id}")
        return changed

    async def newest_open(self, limit: int, after: tuple[datetime, str] | None = None) -> Sequence[Draft]:
        where = {"$and": [{"state": "open"}, *([] if after is None else behind(*after))]}
        return await self._confirmed.read(Draft, where, order=ORDER, limit=limit)

    async def all(self, limit: int, after: str = "") -> Sequence[Draft]:
        return await self._confirmed.read(Draft, {"_id": {"$gt": after}}, order=[("_id", 1)], limit=limit)

    async def remove(self, draft_id: str) -> None:
        await self._drafts.remove_all({"_id": draft_id})


class MongoAppends:
    """One document per append; its id is made of draft and number, so that each place is taken once."""

    def __init__(self, database: Database) -> None:
        self._appends = database.collection("appends", APPEND_INDEXES, reads="majority")

    async def add(self, append: Append) -> bool:
        return await self._appends.insert({"_id": f"{append.draft_id}:{append.number}", **append.model_dump()})

    async def of_key(self, draft_id: str, key: str) -> Append | None:
        # The type is what the index asks for: MongoDB does not conclude it from the value.
        return await self._appends.read_one(Append, {"draft_id": draft_id, "key": {"$eq": key, "$type": "string"}})

    async def page(self, draft_id: str, limit: int, after: tuple[int, int] | None = None) -> Sequence[Append]:
        order = [("position", 1), ("number", 1)]
        return await self._appends.read(Append, _behind(draft_id, after), order, limit)

    async def files(self, draft_id: str, limit: int, after: tuple[int, int] | None = None) -> Sequence[AppendedFiles]:
        # The values alone, one list for each field: a tenth of the bytes of the entries.
        fields = {"_id": 0, "position": 1, "number": 1, "names": "$entries.name", "sizes": "$entries.size_bytes"}
        order = [("position", 1), ("number", 1)]
        return await self._appends.read(AppendedFiles, _behind(draft_id, after), order, limit, fields)

    async def numbers(self, draft_id: str, first: int, count: int) -> Sequence[int]:
        where = {"draft_id": draft_id, "number": {"$gte": first, "$lt": first + count}}
        found = await self._appends.find(where, order=[("number", 1)], fields={"_id": 0, "number": 1})
        return [int(append["number"]) for append in found]

    async def totals(self, draft_id: str) -> DraftTotals:
        sums = {"appends": {"$sum": 1}, **{name: {"$sum": f"${name}"} for name in _SUMMED}}
        found = await self._appends.aggregate(
            [
                {"$match": {"draft_id": draft_id, "number": {"$gte": 0}}},
                {"$group": {"_id": None, **sums}},
            ]
        )
        return DraftTotals.model_validate(found[0]) if found else DraftTotals()

    async def remove(self, draft_id: str) -> None:
        await self._appends.remove_all({"draft_id": draft_id})


def _behind(draft_id: str, after: tuple[int, int] | None) -> dict[str, Any]:
    """What finds a draft's appends behind a place in their order."""
    if after is None:
        return {"draft_id": draft_id}
    position, number = after
    return {
        "draft_id": draft_id,
        "position": {"$gte": position},  # alone, this bound can be looked up in the index
        "$or": [{"position": {"$gt": position}}, {"number": {"$gt": number}}],
    }

"""The list of batches as a query, made so that an index gives each filter's batches in the list's order."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, get_args

from shared.adapters.mongodb.driver import Fields, Index
from shared.documents import PRIORITIES, BatchFilter, Status, name_key

ORDER = [("created_at", -1), ("_id", 1)]
INDEXES = (
    Index(keys=ORDER),
    Index(keys=[("status", 1), ("priority", 1), *ORDER]),
    Index(keys=[("name_key", 1), ("name", 1), *ORDER]),
)

_LAST_CHARACTER = "\U0010ffff"


def listed(chosen: BatchFilter, after: tuple[datetime, str] | None) -> Fields:
    """The query for the batches that fit and come behind that place."""
    shown = {"deleted_at": None, "proof_expires_at": None}
    return {"$and": [shown, *_fitting(chosen), *([] if after is None else behind(*after))]}


def _fitting(chosen: BatchFilter) -> Iterator[Fields]:
    if chosen.statuses or chosen.priority:
        # All values are named: the server then merges one ordered scan for each pair, and need not sort.
        yield {"status": {"$in": sorted(chosen.statuses or get_args(Status))}}
        yield {"priority": {"$in": [chosen.priority] if chosen.priority else list(PRIORITIES)}}
    if chosen.name_prefix:
        # What earlier versions recorded has no key, and is found by its name as it is.
        by_name: dict[str, Any] = {"name_key": None, "name": _beginning(chosen.name_prefix)}
        yield {"$or": [{"name_key": _beginning(name_key(chosen.name_prefix))}, by_name]}


def _beginning(prefix: str) -> Fields:
    return {"$gte": prefix, "$lt": prefix + _LAST_CHARACTER}


def behind(created_at: datetime, id_: str) -> Iterator[Fields]:
    """Conditions for what comes behind a place in the list's order."""
    yield {"created_at": {"$lte": created_at}}  # alone, this bound can be looked up in the index
    yield {"$or": [{"created_at": {"$lt": created_at}}, {"_id": {"$gt": id_}}]}

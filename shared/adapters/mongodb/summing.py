"""The sums over chunks as MongoDB computes them: those of a batch from indexes alone, no chunk is read for them."""

from collections.abc import Sequence
from typing import Any

from shared.adapters.mongodb.driver import Fields, Index, Pipeline
from shared.documents import SUPPOSED_IMAGE_MS, ChunkTotals, HeldChunks, accounted, summed

SUMMED = (
    Index(keys=[("settled", 1), ("gave_up", 1), ("completed", 1), ("failed", 1), ("revoked", 1)]),
    # Only of the few chunks with failures: counts by code are larger than numbers.
    Index(keys=[("failed", 1), ("failure_codes", 1)], only_where={"failed": {"$gt": 0}}),
)
"""What the sums are read from; each index begins with what the chunks are found by."""

_REVOKED = {"$and": ["$settled", {"$gt": ["$revoked", 0]}]}
_FAILED = {"$and": ["$settled", "$gave_up", {"$lte": ["$revoked", 0]}]}
_COMPLETED = {"$and": ["$settled", {"$not": ["$gave_up"]}, {"$lte": ["$revoked", 0]}]}
_SUMS = {
    "completed_images": {"$sum": "$completed"},
    "revoked_images": {"$sum": "$revoked"},
    "completed_chunks": {"$sum": {"$cond": [_COMPLETED, 1, 0]}},
    "failed_chunks": {"$sum": {"$cond": [_FAILED, 1, 0]}},
    "revoked_chunks": {"$sum": {"$cond": [_REVOKED, 1, 0]}},
}
_FAILURES = {"failed": "$failed", "failure_codes": "$failure_codes"}


def totals_pipeline(where: Fields, collection: str) -> Pipeline:
    """Sums over the chunks that match, then how many chunks have the same failures: all as of one moment."""
    failures = [
        {"$match": {**where, "failed": {"$gt": 0}}},
        {"$group": {"_id": _FAILURES, "chunks": {"$sum": 1}}},
    ]
    return [
        {"$match": where},
        {"$group": {"_id": None, **_SUMS}},
        {"$unionWith": {"coll": collection, "pipeline": failures}},
    ]


def totals_found(found: Sequence[Fields]) -> ChunkTotals:
    """The sums that the pipeline's answer holds."""
    if not found:
        return ChunkTotals()
    sums, *failing = found
    failed = sum(group["_id"]["failed"] * group["chunks"] for group in failing)
    codes = summed((_codes(group["_id"]), group["chunks"]) for group in failing)
    return ChunkTotals(**{name: sums[name] for name in _SUMS}, failed_images=failed, failure_codes=codes)


def _codes(failures: Any) -> Any:
    return accounted(failures.get("failure_codes"), failures["failed"])


def held_pipeline(where: Fields) -> Pipeline:
    """How many of the chunks that match each holder has of each batch, and their predicted cost."""
    supposed = {"$multiply": [SUPPOSED_IMAGE_MS, {"$size": "$indexes"}]}
    # Not greater than 0 is also what a chunk of an earlier version has: nothing.
    cost = {"$cond": [{"$gt": ["$cost_ms", 0]}, "$cost_ms", supposed]}
    by_holder = {
        "_id": {"batch_id": "$batch_id", "holder": "$worker"},
        "chunks": {"$sum": 1},
        "cost_ms": {"$sum": cost},
    }
    return [{"$match": where}, {"$group": by_holder}]


def held_found(found: Sequence[Fields]) -> Sequence[HeldChunks]:
    """The sums that the pipeline's answer holds."""
    return [
        HeldChunks(group["_id"]["batch_id"], group["_id"].get("holder"), group["chunks"], group["cost_ms"])
        for group in found
    ]

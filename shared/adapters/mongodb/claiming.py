"""A worker's claim as an update that MongoDB computes: what `Chunk.claimed` and `Chunk.lost` say, in one write."""

from datetime import datetime
from typing import Any

from shared.adapters.mongodb.driver import Fields, Pipeline


def claim_update(worker: str, now: datetime, lease_until: datetime) -> Pipeline:
    """The update of a chunk that this worker takes; the loss of another that held it is counted."""
    # An operator chooses the worker's name, and may begin it with a dollar.
    name = {"$literal": worker}
    held_by_another = {"$not": {"$in": ["$worker", [None, name]]}}
    return [
        _with_loss_if(held_by_another),
        {
            "$set": {
                "worker": name,
                "lease_until": lease_until,
                "attempts": {"$add": ["$attempts", 1]},
                "suspect": None,
                "not_before": None,
                "claimed_at": now,
            }
        },
    ]


def loss_update(lease_until: datetime) -> Pipeline:
    """The update of a chunk whose worker is lost."""
    return [
        _with_loss_if(True),
        {"$set": {"worker": None, "lease_until": lease_until, "suspect": None, "not_before": None}},
    ]


def _with_loss_if(lost: Any) -> Fields:
    # Documents of older versions have none of these fields.
    losses = {"$ifNull": ["$losses", 0]}
    suspect = {"$ifNull": ["$suspect", None]}
    suspicions = {"$ifNull": ["$suspicions", {}]}
    key = {"$toString": suspect}
    known = {"$first": {"$filter": {"input": {"$objectToArray": suspicions}, "cond": {"$eq": ["$$this.k", key]}}}}
    count = {"$let": {"vars": {"known": known}, "in": {"$add": [{"$ifNull": ["$$known.v", 0]}, 1]}}}
    suspected = {"$mergeObjects": [suspicions, {"$arrayToObject": [[{"k": key, "v": count}]]}]}
    counted = {"$and": [lost, {"$ne": [suspect, None]}]}
    return {
        "$set": {
            "losses": {"$cond": [lost, {"$add": [losses, 1]}, losses]},
            "suspicions": {"$cond": [counted, suspected, suspicions]},
        }
    }

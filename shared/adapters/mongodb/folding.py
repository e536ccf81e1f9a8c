"""The fold as an update that MongoDB computes: what `Chunk.folded` and `Chunk.abandoned` say, in one atomic write.

In any order, after repetitions and beside other writers, the first outcome of an image stays, and the counts are made
from the outcomes in the same write. `$literal` keeps the server from evaluating a text that begins with a dollar.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from shared.adapters.mongodb.driver import Fields, Pipeline
from shared.documents import REVOKED, UNRECORDED, Folding, Outcome, failure_counts

_ENDED = {"$objectToArray": "$outcomes"}


def _ended_as(state: str) -> Fields:
    return {"$filter": {"input": _ENDED, "cond": {"$eq": ["$$this.v.state", state]}}}


# Whatever is no text, and an empty one, sorts before every code.
_CODE = {"$cond": [{"$gt": ["$$this.v.code", ""]}, "$$this.v.code", UNRECORDED]}
_COUNTED = {"$size": {"$filter": {"input": "$$codes", "as": "each", "cond": {"$eq": ["$$each", "$$code"]}}}}
_BY_CODE = {"$map": {"input": {"$setUnion": "$$codes"}, "as": "code", "in": {"k": "$$code", "v": _COUNTED}}}
_CODES = {"$map": {"input": _ended_as("failed"), "in": _CODE}}
_RECOUNTED: Pipeline = (
    {"$set": {state: {"$size": _ended_as(state)} for state in ("completed", "failed", "revoked")}},
    {"$set": {"failure_codes": {"$let": {"vars": {"codes": _CODES}, "in": {"$arrayToObject": _BY_CODE}}}}},
    # The codes alone, as only values can be looked up in an index.
    {"$set": {"causes": {"$map": {"input": {"$objectToArray": "$failure_codes"}, "in": "$$this.k"}}}},
)
_IS_SETTLED = {"$eq": [{"$size": _ENDED}, {"$size": "$indexes"}]}


def fold_update(foldings: Sequence[Folding], now: datetime | None) -> Pipeline:
    """The update of one chunk that applies foldings in their order: each one's outcomes first, then its cause."""
    stages: list[Fields] = []
    for folding in foldings:
        if folding.outcomes:
            stages.append(_folded(folding.outcomes))
        if folding.abandoned is not None:
            stages.append(_abandoned(folding.abandoned))
    return [*stages, *_RECOUNTED, _settled(now)]


def whole_update(folding: Folding, now: datetime | None) -> tuple[Fields, Fields]:
    """The condition under which outcomes of all images of a chunk that has none yet settle it, and that update.

    It comes to what `fold_update` does, and costs a fraction of it: nothing is computed by the server.
    """
    outcomes = folding.outcomes
    failed = [outcome.code for outcome in outcomes.values() if outcome.state == "failed"]
    states = [outcome.state for outcome in outcomes.values()]
    # In the order of the pipeline's: sums group by them as they stand.
    codes = dict(sorted(failure_counts(failed).items()))
    fields = {
        "outcomes": {str(index): outcome.model_dump() for index, outcome in outcomes.items()},
        **{state: states.count(state) for state in ("completed", "failed", "revoked")},
        "failure_codes": codes,
        "causes": list(codes),
        "settled": True,
        "settled_at": now,
    }
    return {"outcomes": {}, "indexes": sorted(outcomes)}, {"$set": fields}


def revoke_rest_update(now: datetime | None) -> Pipeline:
    """The update of one chunk that revokes every image without an outcome."""
    return [{"$set": {"outcomes": {"$mergeObjects": [_everywhere(REVOKED), "$outcomes"]}}}, *_RECOUNTED, _settled(now)]


def _settled(now: datetime | None) -> Fields:
    # One stage, in which "$settled" is still what it was before.
    first_settled = {"$cond": ["$settled", {"$ifNull": ["$settled_at", None]}, {"$cond": [_IS_SETTLED, now, None]}]}
    return {"$set": {"settled": _IS_SETTLED, "settled_at": first_settled}}


def _folded(outcomes: Mapping[int, Outcome]) -> Fields:
    fresh = {
        str(index): {"$cond": [{"$in": [index, "$indexes"]}, {"$literal": outcome.model_dump()}, "$$REMOVE"]}
        for index, outcome in outcomes.items()
    }
    # The last argument wins: an outcome that is recorded stays.
    return {"$set": {"outcomes": {"$mergeObjects": [fresh, "$outcomes"]}}}


def _abandoned(cause: Outcome) -> Fields:
    some_without = {"$lt": [{"$size": _ENDED}, {"$size": "$indexes"}]}
    return {
        "$set": {
            "outcomes": {"$mergeObjects": [_everywhere(cause), "$outcomes"]},
            "gave_up": {"$or": ["$gave_up", some_without]},
        }
    }


def _everywhere(outcome: Outcome) -> Fields:
    """An outcome for every image of the chunk."""
    value = {"$literal": outcome.model_dump()}
    return {
        "$arrayToObject": {"$map": {"input": "$indexes", "in": {"k": {"$toString": "$$this"}, "v": value}}},
    }

"""Chunks as small pictures of their images need them: the server leaves out readings of kilobytes an image."""

from typing import Any

from shared.adapters.mongodb.driver import Fields
from shared.documents import ChunkSummary

SUMMARY_FIELDS: Fields = {
    **dict.fromkeys(ChunkSummary.model_fields, 1),
    "images": {"$size": "$indexes"},
    "first_index": {"$first": "$indexes"},
    "last_index": {"$last": "$indexes"},
}
"""The projection of a chunk that is a `ChunkSummary`."""

_ORIGINAL = "$$this.v.original"
_READINGS = "$$this.v.original.readings"


def sketch_fields(first: int, count: int) -> Fields:
    """The projection of a chunk that keeps what `ChunkReader.sketched` promises of the images in this range."""
    index = {"$toInt": "$$this.k"}
    return _sketched({"$and": [{"$gte": [index, first]}, {"$lt": [index, first + count]}]})


def failure_fields(code: str) -> Fields:
    """The same of the images that failed with that code."""
    return _sketched({"$and": [{"$eq": ["$$this.v.state", "failed"]}, {"$eq": ["$$this.v.code", {"$literal": code}]}]})


def _sketched(is_wanted: Fields) -> Fields:
    wanted = {"$filter": {"input": {"$objectToArray": "$outcomes"}, "cond": is_wanted}}
    largest = {"$slice": [{"$ifNull": [f"{_READINGS}.colours", []]}, 1]}
    readings = {"blurhash": f"{_READINGS}.blurhash", "colours": largest}
    original = {**_fields_of(_ORIGINAL, "width", "height", "format"), "readings": _if_object(_READINGS, readings)}
    outcome = {**_fields_of("$$this.v", "state", "code", "prints"), "original": _if_object(_ORIGINAL, original)}
    outcomes = {"$arrayToObject": {"$map": {"input": wanted, "in": {"k": "$$this.k", "v": outcome}}}}
    kept = dict.fromkeys(("batch_id", "number", "generation", "indexes", "lease_until"), 1)
    return {**kept, "outcomes": outcomes}


def _fields_of(place: str, *names: str) -> dict[str, Any]:
    return {name: f"{place}.{name}" for name in names}


def _if_object(value: str, shown: Fields) -> Fields:
    return {"$cond": [{"$eq": [{"$type": value}, "object"]}, shown, None]}

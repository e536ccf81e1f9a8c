"""Bodies of requests in JSON, also from clients that call it something else."""

from codecs import BOM_UTF8

from pydantic import BeforeValidator
from pydantic_core import from_json


def _unpacked(value: object) -> object:
    # FastAPI hands on what is not called JSON as bytes: curl calls it a form.
    if not isinstance(value, bytes):
        return value
    # Windows editors and shells put a byte order mark before the JSON.
    return from_json(value.removeprefix(BOM_UTF8)) if value.strip() else None


JSON_BODY = BeforeValidator(_unpacked)
"""Reads a body as JSON whatever its type; an empty one is None."""

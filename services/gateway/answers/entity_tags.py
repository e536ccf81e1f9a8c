"""Conditional requests by entity tags (RFC 9110, 8.8.3 and 13.1.2)."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Header
from starlette.requests import Request
from starlette.responses import Response

from shared.translated import Language

IfNoneMatch = Annotated[
    str | None, Header(alias="if-none-match", description="Entity tags of answers that are there already.")
]
"""The header in the documentation; it is read from the request, where it may stand several times.

A parameter that says so is more than generators of clients can read.
"""

UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "The batch has not changed since the answer that If-None-Match names"}
}

FORMAT = 2
"""Grows when the same state of a batch is answered otherwise: a browser's copy is then no more what it was."""

_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def tag_of(content: str) -> str:
    """The strong tag of an answer that is made of this."""
    return f'"{hashlib.sha256(content.encode()).hexdigest()[:32]}"'


def is_named(etag: str, if_none_match: Sequence[str]) -> bool:
    """Whether one of the If-None-Match headers names the tag, by the weak comparison, or any with `*`."""
    value = ",".join(if_none_match).strip()
    return value == "*" or etag.removeprefix("W/") in _TAG.findall(value)


def batch_headers(version: int, language: Language | None = None) -> dict[str, str]:
    """Headers of an answer that changes with its batch alone, and is perhaps in a language.

    The tag is weak: what has ended since the batch was last counted may be shown already.
    """
    varying = {"Content-Language": language, "Vary": "Accept-Language"} if language else {}
    return {"ETag": f'W/"{FORMAT}-{version}-{language or ""}"', "Cache-Control": "private, no-cache", **varying}


def not_modified(request: Request, headers: Mapping[str, str]) -> Response | None:
    """The 304 with these headers if the request names the `ETag` among them."""
    if is_named(headers["ETag"], request.headers.getlist("if-none-match")):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return None

"""Conditional requests by entity tags (RFC 9110, 8.8.3 and 13.1.2)."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import Header
from starlette.requests import Request
from starlette.responses import Response

IfNoneMatch = Annotated[
    str | None, Header(alias="if-none-match", description="Entity tags of answers that are there already.")
]
"""The header in the documentation; it is read from the request, where it may stand several times.

A parameter that says so is more than generators of clients can read.
"""

_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def is_named(etag: str, if_none_match: Sequence[str]) -> bool:
    """Whether one of the If-None-Match headers names the tag, by the weak comparison, or any with `*`."""
    value = ",".join(if_none_match).strip()
    return value == "*" or etag.removeprefix("W/") in _TAG.findall(value)


def not_modified(request: Request, headers: Mapping[str, str]) -> Response | None:
    """The 304 with these headers if the request names the `ETag` among them."""
    if is_named(headers["ETag"], request.headers.getlist("if-none-match")):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return None

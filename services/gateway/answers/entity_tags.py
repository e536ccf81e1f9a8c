"""Conditional requests by entity tags (RFC 9110, 8.8.3 and 13.1.2)."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Self

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

IfMatch = Annotated[
    str | None,
    Header(alias="if-match", description="Entity tags of the version that may be changed; another is left as it is."),
]
"""As `IfNoneMatch`."""

UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "The batch has not changed since the answer that If-None-Match names"}
}

FORMAT = 2
"""Grows when the same state of a batch is answered otherwise: a browser's copy is then no more what it was."""

_TAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')


@dataclass(frozen=True)
class Preconditions:
    """What a request that changes something expects to find: the values of If-Match and of If-None-Match."""

    if_match: Sequence[str] = ()
    if_none_match: Sequence[str] = ()

    @classmethod
    def of(cls, request: Request) -> Self:
        """Those of a request."""
        return cls(request.headers.getlist("if-match"), request.headers.getlist("if-none-match"))

    @property
    def are_none(self) -> bool:
        """Whether the request is to be served whatever there is."""
        return not self.if_match and not self.if_none_match

    def hold(self, etag: str | None) -> bool:
        """Whether they hold for a strong tag, or for nothing at all."""
        if etag is None:
            return not self.if_match
        is_expected = not self.if_match or is_named(etag, self.if_match, strongly=True)
        return is_expected and not (self.if_none_match and is_named(etag, self.if_none_match))


def tag_of(content: str) -> str:
    """The strong tag of an answer that is made of this."""
    return f'"{hashlib.sha256(content.encode()).hexdigest()[:32]}"'


def is_named(etag: str, headers: Sequence[str], *, strongly: bool = False) -> bool:
    """Whether one of the headers names the tag, or any with `*`; by the weak comparison unless `strongly`."""
    value = ",".join(headers).strip()
    tags = [tag for weak, tag in _TAG.findall(value) if not (weak and strongly)]
    return value == "*" or etag.removeprefix("W/") in tags


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

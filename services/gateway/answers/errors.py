"""Errors that requests are answered with."""

from http import HTTPStatus
from typing import Any, Self

from starlette.exceptions import HTTPException

from shared.translated import Translated, TranslatedCode

MAX_QUOTED_CHARACTERS = 80
"""Longest quotation of a client's own text in a sentence or in details."""

MAY_BE_REPEATED = frozenset({HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.REQUEST_TIMEOUT})
"""Statuses that are answered with Retry-After."""


class ErrorCode(TranslatedCode):
    """A catalogue of errors: each member also has its HTTP status."""

    status: HTTPStatus

    def __new__(cls, code: str, status: HTTPStatus, korean: str, english: str) -> Self:
        """A member that is equal to its code."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.status = status
        member.text = Translated(korean, english)
        return member


class ApiError(HTTPException):
    """A request that cannot be served; `values` fill in the code's sentence, `details` are for programs.

    FastAPI lets it pass as an `HTTPException` where it would hide others, such as while it reads a body.
    """

    def __init__(self, code: ErrorCode, *, details: Any = None, **values: object) -> None:
        super().__init__(status_code=code.status, detail=code.value)
        self.code = code
        self.details = details
        self.values = values

    def __str__(self) -> str:
        return self.code.value


def quoted(text: str) -> str:
    """A client's own text, short enough to be said back to it."""
    return text if len(text) <= MAX_QUOTED_CHARACTERS else f"{text[: MAX_QUOTED_CHARACTERS - 1]}…"

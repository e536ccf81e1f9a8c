"""What the gateway says no with: a stable code, the HTTP status, and the values for its sentence."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

NAME_CHARACTERS = 80
"""Longest quotation of a client's own text in a sentence or in details."""

RETRY_AFTER_SECONDS = 5

_HTTP_STATUSES: Mapping[str, HTTPStatus] = MappingProxyType(
    {
        "too_many_files": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "file_too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "request_too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "content_type_unsupported": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "body_malformed": HTTPStatus.BAD_REQUEST,
        "body_incomplete": HTTPStatus.BAD_REQUEST,
        "upload_stalled": HTTPStatus.REQUEST_TIMEOUT,
        "too_many_uploads": HTTPStatus.SERVICE_UNAVAILABLE,
        "too_many_downloads": HTTPStatus.SERVICE_UNAVAILABLE,
        "backlog_too_old": HTTPStatus.SERVICE_UNAVAILABLE,
        "batch_not_found": HTTPStatus.NOT_FOUND,
        "batch_finished": HTTPStatus.CONFLICT,
        "batch_running": HTTPStatus.CONFLICT,
        "batch_stopping": HTTPStatus.CONFLICT,
        "nothing_to_retry": HTTPStatus.CONFLICT,
        "recipe_not_found": HTTPStatus.NOT_FOUND,
        "recipe_built_in": HTTPStatus.CONFLICT,
        "too_many_recipes": HTTPStatus.CONFLICT,
        "image_not_found": HTTPStatus.NOT_FOUND,
        "image_pending": HTTPStatus.NOT_FOUND,
        "image_failed": HTTPStatus.NOT_FOUND,
        "image_revoked": HTTPStatus.NOT_FOUND,
        "output_not_found": HTTPStatus.NOT_FOUND,
        "output_unknown": HTTPStatus.NOT_FOUND,
        "no_prints": HTTPStatus.NOT_FOUND,
        "print_missing": HTTPStatus.NOT_FOUND,
        "not_found": HTTPStatus.NOT_FOUND,
        "method_not_allowed": HTTPStatus.METHOD_NOT_ALLOWED,
        "not_ready": HTTPStatus.SERVICE_UNAVAILABLE,
        "temporarily_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
        "internal_error": HTTPStatus.INTERNAL_SERVER_ERROR,
    }
)


def http_status(code: str) -> HTTPStatus:
    """The HTTP status for a code; 422 for the many ways in which a value can be wrong."""
    return _HTTP_STATUSES.get(code, HTTPStatus.UNPROCESSABLE_ENTITY)


class ApiError(Exception):
    """A request that cannot be served; `values` fill in the code's sentence, `details` are for programs."""

    def __init__(self, code: str, *, details: Any = None, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.details = details
        self.values = values


def quoted(text: str) -> str:
    """A client's own text, short enough to be said back to it."""
    return text if len(text) <= NAME_CHARACTERS else f"{text[: NAME_CHARACTERS - 1]}…"

"""A router that documents every error with which its routes answer."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_dependant

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.answers.error_responses import error_responses
from services.gateway.answers.errors import ErrorCode
from services.gateway.answers.request_codes import RequestCode
from services.gateway.edge.edge_codes import EdgeCode

Declared = TypeVar("Declared", bound=Callable[..., Any])

_OF_EVERY_ROUTE = (
    EdgeCode.OTHER_SITE,
    EdgeCode.HOST_UNKNOWN,
    RequestCode.METHOD_NOT_ALLOWED,
    RequestCode.CONTENT_ENCODING_UNSUPPORTED,
    RequestCode.TEMPORARILY_UNAVAILABLE,  # of requests that are cut off when the gateway stops, too
    RequestCode.INTERNAL_ERROR,
)
_OF_JSON_BODIES = (
    RequestCode.INVALID_REQUEST,
    RequestCode.REQUEST_TOO_LARGE,
    RequestCode.BODY_INCOMPLETE,
    RequestCode.UPLOAD_STALLED,
)


def raises(*codes: ErrorCode) -> Callable[[Declared], Declared]:
    """Declare the errors of a route, or of what routes depend on, that do not come from its own dependencies."""

    def declare(function: Declared) -> Declared:
        # On the function itself: that is what FastAPI hands on of a dependency.
        vars(function)["raises"] = codes
        return function

    return declare


class DocumentedRouter(APIRouter):
    """Adds to a route's documentation the errors of all that it depends on, and of the values that it reads."""

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        needed = [endpoint, *(depends.dependency for depends in options["dependencies"] or ())]
        roots = [get_dependant(path=self.prefix + path, call=call) for call in needed]
        codes = [*_OF_EVERY_ROUTE, *(code for root in roots for code in _errors_of(root))]
        # What the route says of a status by itself counts.
        options["responses"] = {**error_responses(*codes), **(options["responses"] or {})}
        super().add_api_route(path, endpoint, **options)


def _errors_of(dependant: Dependant) -> Iterator[ErrorCode]:
    yield from getattr(dependant.call, "raises", ())
    values = {field.name for field in (*dependant.path_params, *dependant.query_params)}
    if "batch_id" in values:
        yield BatchCode.BATCH_ID_MALFORMED
    if values - {"batch_id"}:
        yield RequestCode.INVALID_REQUEST
    if dependant.body_params:
        yield from _OF_JSON_BODIES
    for needed in dependant.dependencies:
        yield from _errors_of(needed)

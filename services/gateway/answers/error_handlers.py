"""Every error as an answer in the contract's envelope."""

from collections.abc import Mapping
from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.routing import Match

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.answers.envelope import ErrorEnvelope, Problem
from services.gateway.answers.errors import MAY_BE_REPEATED, ApiError, quoted
from services.gateway.answers.language import request_language
from services.gateway.answers.request_codes import RequestCode
from shared.errors import TransientError
from shared.translated import translated

log = structlog.get_logger()

RETRY_AFTER_SECONDS = 5
MAX_PROBLEMS = 20

_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")

_CODES_BY_STATUS: dict[int, RequestCode] = {
    HTTPStatus.NOT_FOUND: RequestCode.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED: RequestCode.METHOD_NOT_ALLOWED,
}


def install_error_handlers(app: FastAPI) -> None:
    """Have the application answer every error in the envelope."""
    app.exception_handler(ApiError)(answer_api_error)
    app.exception_handler(RequestValidationError)(_invalid_request)
    app.exception_handler(HTTPException)(_http_error)
    app.exception_handler(TransientError)(_transient_error)
    app.exception_handler(Exception)(_unexpected_error)


async def answer_api_error(request: HTTPConnection, error: ApiError) -> JSONResponse:
    """The answer to a request that is refused, logged."""
    log.info("request_refused", code=error.code.value, path=request.url.path)
    return error_response(request, error)


async def _invalid_request(request: Request, error: RequestValidationError) -> JSONResponse:
    problems = [
        {"field": quoted(".".join(map(str, found["loc"]))), "problem": quoted(found["msg"])}
        for found in error.errors()[:MAX_PROBLEMS]
    ]
    if all(found["loc"] == ("path", "batch_id") for found in error.errors()):
        return error_response(request, ApiError(BatchCode.BATCH_ID_MALFORMED))
    return error_response(request, ApiError(RequestCode.INVALID_REQUEST, details=problems))


async def _http_error(request: Request, error: HTTPException) -> JSONResponse:
    if error.status_code == HTTPStatus.BAD_REQUEST:
        # FastAPI says so of a body that is no text, or too deep to be read; of other JSON that is none it says where.
        problems = [{"field": "body", "problem": "JSON decode error"}]
        return error_response(request, ApiError(RequestCode.INVALID_REQUEST, details=problems))
    code = _CODES_BY_STATUS.get(error.status_code, RequestCode.REQUEST_REFUSED)
    headers = dict(error.headers or {})
    if code is RequestCode.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_allowed_methods(request))
    return error_response(request, ApiError(code), status=error.status_code, headers=headers)


def _allowed_methods(request: Request) -> list[str]:
    """Every method that the address takes: the router knows only those of the first route that fits."""

    def is_taken(method: str) -> bool:
        scope = {**request.scope, "method": "GET" if method == "HEAD" else method}
        return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)

    return [method for method in _METHODS if is_taken(method)]


async def _transient_error(request: Request, error: TransientError) -> JSONResponse:
    log.warning("request_failed_for_now", code=error.code, path=request.url.path, exc_info=error)
    # Programs are given the code of what is away; there is one sentence for all of them.
    return error_response(request, ApiError(RequestCode.TEMPORARILY_UNAVAILABLE), code=error.code)


async def _unexpected_error(request: Request, _error: Exception) -> JSONResponse:
    # The server logs it with its traceback; the answer says nothing of the inside.
    return error_response(request, ApiError(RequestCode.INTERNAL_ERROR))


def error_response(
    request: HTTPConnection,
    error: ApiError,
    *,
    code: str | None = None,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The answer to a request with this error, whose code, status or headers may be others than usual."""
    language = request_language(request)
    message = error.code.text.in_language(language, error.values)
    details = translated(error.details, language)
    envelope = ErrorEnvelope(error=Problem(code=code or error.code.value, message=message, details=details))
    status = status or error.code.status
    all_headers = {"Content-Language": language, **(headers or {})}
    if status in MAY_BE_REPEATED:
        all_headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return JSONResponse(envelope.model_dump(mode="json"), status_code=status, headers=all_headers)

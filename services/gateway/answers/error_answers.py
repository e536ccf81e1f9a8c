"""Every error as an answer in the contract's envelope, and how the documentation shows them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from services.gateway.answers.errors import RETRY_AFTER_SECONDS, ApiError, http_status, quoted
from services.gateway.answers.language import Translated, request_language
from services.gateway.answers.schemas import ErrorEnvelope, Problem
from services.gateway.answers.sentences import sentence
from shared.errors import TransientError

log = structlog.get_logger()

MAX_PROBLEMS = 20
_CODES_BY_STATUS: dict[int, str] = {
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
}


def answer_errors(app: FastAPI) -> None:
    """Have the application answer every error in the envelope."""
    app.exception_handler(ApiError)(_refused)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(_http_error)
    app.exception_handler(TransientError)(_transient)
    app.exception_handler(Exception)(_unexpected)


def error_responses(*codes: str) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI responses of a route that refuses with these codes, an example for each in both languages."""
    responses: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        status = http_status(code)
        response = responses.setdefault(int(status), {"model": ErrorEnvelope, "description": status.phrase})
        content = response.setdefault("content", {"application/json": {"examples": {}}})
        content["application/json"]["examples"].update(_examples(code))
    return responses


def _examples(code: str) -> dict[str, Any]:
    values = _AnyValues()
    korean = Problem(code=code, message=sentence(code, "ko", values))
    english = Problem(code=code, message=sentence(code, "en", values))
    return {
        f"{code} (한국어)": {"value": ErrorEnvelope(error=korean).model_dump()},
        f"{code} (English)": {"value": ErrorEnvelope(error=english).model_dump()},
    }


class _AnyValues(dict[str, object]):
    def __missing__(self, name: str) -> str:
        return "…"


def _answer(
    request: Request,
    code: str,
    *,
    status: int | None = None,
    details: Any = None,
    values: Mapping[str, object] | None = None,
    sentence_code: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    language = request_language(request)
    filled_in = {
        name: value.in_language(language) if isinstance(value, Translated) else value
        for name, value in (values or {}).items()
    }
    problem = Problem(code=code, message=sentence(sentence_code or code, language, filled_in), details=details)
    status = status or http_status(code)
    all_headers = {"Content-Language": language, **(headers or {})}
    if status in {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.REQUEST_TIMEOUT}:
        all_headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return JSONResponse(ErrorEnvelope(error=problem).model_dump(mode="json"), status_code=status, headers=all_headers)


async def _refused(request: Request, error: ApiError) -> JSONResponse:
    log.info("request_refused", code=error.code, path=request.url.path)
    return _answer(request, error.code, details=error.details, values=error.values)


async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
    problems = [
        {"field": quoted(".".join(map(str, found["loc"]))), "problem": quoted(found["msg"])}
        for found in error.errors()[:MAX_PROBLEMS]
    ]
    if all(found["loc"] == ("path", "batch_id") for found in error.errors()):
        return _answer(request, "batch_id_malformed")
    return _answer(request, "invalid_request", details=problems)


async def _http_error(request: Request, error: HTTPException) -> JSONResponse:
    code = _CODES_BY_STATUS.get(error.status_code, "request_refused")
    return _answer(request, code, status=error.status_code, headers=error.headers)


async def _transient(request: Request, error: TransientError) -> JSONResponse:
    log.warning("request_failed_for_now", code=error.code, path=request.url.path, exc_info=error)
    status = HTTPStatus.SERVICE_UNAVAILABLE
    return _answer(request, error.code, status=status, sentence_code="temporarily_unavailable")


async def _unexpected(request: Request, _error: Exception) -> JSONResponse:
    # The server logs it with its traceback; people are told nothing of the inside.
    return _answer(request, "internal_error")

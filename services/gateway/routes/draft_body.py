"""The form that begins a draft, in any of the formats that pages and programs send forms in."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from pydantic_core import from_json
from starlette.requests import Request

from services.gateway.answers.errors import ApiError
from services.gateway.answers.request_bodies import MAX_BODY_BYTES
from services.gateway.answers.request_codes import RequestCode
from services.gateway.uploading.multipart_parts import boundary_of, read_parts
from services.gateway.uploading.text_fields import TextFields, read_fields


async def draft_fields(request: Request) -> Mapping[str, bytes]:
    """The fields as an upload's form would hold them; raises `ApiError`."""
    content_type = request.headers.get("content-type", "")
    match content_type.partition(";")[0].strip().lower():
        case "application/json":
            return _taken(_fields_of(await _whole(request)))
        case "application/x-www-form-urlencoded":
            text = (await _whole(request)).decode("utf-8", errors="surrogateescape")
            pairs = parse_qsl(text, errors="surrogateescape")
            return _taken({name: value.encode("utf-8", errors="surrogateescape") for name, value in pairs})
        case _:
            return await read_fields(read_parts(request.stream(), boundary_of(content_type)))


async def _whole(request: Request) -> bytes:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY_BYTES:
            raise ApiError(RequestCode.REQUEST_TOO_LARGE, limit=MAX_BODY_BYTES)
    return body


def _fields_of(body: bytes) -> Mapping[str, bytes]:
    try:
        found = from_json(body)
    except ValueError as error:
        raise _invalid(str(error)) from None
    if not isinstance(found, dict):
        raise _invalid("not an object")
    return {name: _as_text(value).encode("utf-8", errors="replace") for name, value in found.items()}


def _as_text(value: Any) -> str:
    """What a form would hold: text as it is, numbers as they are written, a recipe as JSON, nothing for null."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _taken(fields: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """The fields, within the limits of an upload's."""
    taken = TextFields()
    for name, value in fields.items():
        taken.begin(name)
        taken.take(value)
        taken.end()
    return taken


def _invalid(problem: str) -> ApiError:
    return ApiError(RequestCode.INVALID_REQUEST, details=[{"field": "body", "problem": problem}])

"""Requests' bodies while they are read: as large as they may be, whole, and as they are."""

import re
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.answers.error_handlers import answer_api_error
from services.gateway.answers.errors import ApiError
from services.gateway.answers.request_codes import RequestCode
from shared.recipes import MAX_RECIPE_BYTES

MAX_BODY_BYTES = MAX_RECIPE_BYTES + 1024
"""Longest body of a request that uploads no images: a recipe, and what may stand around it."""

MAX_MISSING_BYTES = 4 * 1024 * 1024
"""Longest list of a client's files; 10,000 names of 300 bytes."""

UPLOADS = ("POST", "/pipeline/batch")
PROOFS = ("POST", "/pipeline/proofs")
_OF_DRAFT = re.compile(r"/pipeline/batch/[^/]+/(images|missing)")


@dataclass(frozen=True)
class BodyLimits:
    """What a body may be."""

    upload_bytes: int
    append_bytes: int
    proof_bytes: int
    other_bytes: int = MAX_BODY_BYTES


class RequestBodies:
    """Bounds what the application reads; what is wrong with a body is raised as `ApiError` where it is read."""

    def __init__(self, app: ASGIApp, limits: BodyLimits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; a body that is too large or compressed by its headers is not read at all."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        # The server has refused values that are no digits.
        declared = int(headers.get("content-length", "0"))
        limit = self._limit(scope)
        if any(encoding.lower() not in {"", "identity"} for encoding in headers.getlist("content-encoding")):
            error = ApiError(RequestCode.CONTENT_ENCODING_UNSUPPORTED)
        elif declared > limit:
            error = ApiError(RequestCode.REQUEST_TOO_LARGE, limit=limit)
        else:
            body = _Body(receive, limit, declared, is_chunked="transfer-encoding" in headers)
            await self._app(scope, body.receive, send)
            return
        response = await answer_api_error(Request(scope), error)
        await response(scope, receive, send)

    def _limit(self, scope: Scope) -> int:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if (scope["method"], path) == UPLOADS:
            return self._limits.upload_bytes
        if (scope["method"], path) == PROOFS:
            return self._limits.proof_bytes
        of_draft = _OF_DRAFT.fullmatch(path)
        if of_draft is None:
            return self._limits.other_bytes
        return self._limits.append_bytes if of_draft[1] == "images" else MAX_MISSING_BYTES


class _Body:
    def __init__(self, receive: Receive, limit: int, declared: int, *, is_chunked: bool) -> None:
        self._receive = receive
        self._limit = limit
        self._declared = declared
        self._received = 0
        # A request without a body may only hear of its client's leaving, as streamed answers do.
        self._ended = not (declared or is_chunked)

    async def receive(self) -> Message:
        """The next message; once the body has ended, the server's own."""
        if self._ended:
            return await self._receive()
        message = await self._receive()
        self._received += len(message.get("body", b""))
        self._ended = not message.get("more_body", False)
        if self._received > self._limit:
            raise ApiError(RequestCode.REQUEST_TOO_LARGE, limit=self._limit)
        # A body that breaks off just ends, and nothing of it may well have a meaning of its own.
        if message["type"] == "http.disconnect" or (self._ended and self._received < self._declared):
            raise ApiError(RequestCode.BODY_INCOMPLETE)
        return message

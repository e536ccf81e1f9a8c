"""A request's body while it is read: no larger than allowed, and whole."""

from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request

from services.gateway.answers.errors import ApiError
from services.gateway.answers.request_codes import RequestCode


async def bounded(body: AsyncIterator[bytes], max_bytes: int) -> AsyncIterator[bytes]:
    """The body's pieces; raises `ApiError` when it grows beyond `max_bytes`."""
    received = 0
    async for piece in body:
        received += len(piece)
        if received > max_bytes:
            raise ApiError(RequestCode.REQUEST_TOO_LARGE, limit=max_bytes)
        yield piece


async def small_body(request: Request, max_bytes: int) -> bytes:
    """The whole body; raises `ApiError` as `bounded` does, and for one that breaks off.

    FastAPI's own reading would take a body of any size into memory.
    """
    pieces = bounded(request.stream(), max_bytes)
    try:
        body = b"".join([piece async for piece in pieces])
    except ClientDisconnect:
        raise ApiError(RequestCode.BODY_INCOMPLETE) from None
    # The server has checked that the header is a number. A body that breaks off just ends, and nothing of it may well
    # have a meaning of its own.
    if len(body) < int(request.headers.get("content-length", "0")):
        raise ApiError(RequestCode.BODY_INCOMPLETE)
    return body

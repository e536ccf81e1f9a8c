"""A request's body while it is read: no larger than allowed, never silent for too long, and whole."""

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request

from services.gateway.answers.refusals import RefusedError


async def bounded(body: AsyncIterator[bytes], most_bytes: int, idle_timeout_seconds: float) -> AsyncIterator[bytes]:
    """The body's pieces; raises `RefusedError` when it grows beyond `most_bytes` or stalls."""
    received = 0
    while True:
        try:
            async with asyncio.timeout(idle_timeout_seconds):
                piece = await anext(body, None)
        except TimeoutError:
            raise RefusedError("upload_stalled", seconds=round(idle_timeout_seconds)) from None
        if piece is None:
            return
        received += len(piece)
        if received > most_bytes:
            raise RefusedError("request_too_large", most=most_bytes)
        yield piece


async def small_body(request: Request, most_bytes: int, idle_timeout_seconds: float) -> bytes:
    """The whole body; raises `RefusedError` as `bounded` does, and for one that breaks off.

    FastAPI's own reading would take a body of any size into memory.
    """
    pieces = bounded(request.stream(), most_bytes, idle_timeout_seconds)
    try:
        body = b"".join([piece async for piece in pieces])
    except ClientDisconnect:
        raise RefusedError("body_incomplete") from None
    # The server has checked that the header is a number. A body that breaks off just ends, and nothing of it may well
    # have a meaning of its own.
    if len(body) < int(request.headers.get("content-length", "0")):
        raise RefusedError("body_incomplete")
    return body

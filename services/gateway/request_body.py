"""A request's body while it is read: no larger than allowed, never silent for too long, and whole."""

import asyncio
from collections.abc import AsyncIterator

from services.gateway.refusals import RefusedError


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

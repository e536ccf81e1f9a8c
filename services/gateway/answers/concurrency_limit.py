"""How many uploads are read, or downloads made, at a time, so that many together cost a known amount of memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.gateway.answers.errors import ApiError, ErrorCode


class ConcurrencyLimit:
    """Lets `limit` requests in; the others wait, uploads with their bodies unread, which keeps the bytes at the sender.

    One that has waited for too long is refused with `refusal`.
    """

    def __init__(self, limit: int, patience_seconds: float, refusal: ErrorCode) -> None:
        self._places = asyncio.Semaphore(limit)
        self._patience_seconds = patience_seconds
        self._refusal = refusal
        self._inside = 0
        self._empty = asyncio.Event()
        self._empty.set()

    @asynccontextmanager
    async def enter(self) -> AsyncIterator[None]:
        """Hold a place; raises `ApiError` when none comes free in time."""
        try:
            async with asyncio.timeout(self._patience_seconds):
                await self._places.acquire()
        except TimeoutError:
            raise ApiError(self._refusal) from None
        self._inside += 1
        self._empty.clear()
        try:
            yield
        finally:
            self._inside -= 1
            self._places.release()
            if not self._inside:
                self._empty.set()

    async def wait_until_empty(self) -> None:
        """Return once nobody is inside."""
        await self._empty.wait()

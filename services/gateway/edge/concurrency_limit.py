"""How many uploads are read, or downloads made, at a time, so that many together cost a known amount of memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from services.gateway.answers.errors import ApiError, ErrorCode
from services.gateway.edge.transfer import Transfer

log = structlog.get_logger()

MAX_SECONDS_BEHIND_OTHERS = 5.0
"""How far a transfer may be behind the least rate while another request waits for its place."""

LOOK_SECONDS = 0.5


class ConcurrencyLimit:
    """Lets `limit` requests in. The others wait; uploads do so with unread bodies, which keeps the bytes at the sender.

    A request that has waited too long is refused with `refusal`.
    """

    def __init__(self, limit: int, patience_seconds: float, refusal: ErrorCode) -> None:
        self._places = asyncio.Semaphore(limit)
        self._patience_seconds = patience_seconds
        self._refusal = refusal
        self._inside: list[Transfer | None] = []
        self._empty = asyncio.Event()
        self._empty.set()

    @asynccontextmanager
    async def enter(self, transfer: Transfer | None = None) -> AsyncIterator[None]:
        """Hold a place, which a slow transfer loses to others; raises `ApiError` when none comes free in time."""
        await self._wait_for_place()
        self._inside.append(transfer)
        self._empty.clear()
        try:
            yield
        finally:
            self._inside.remove(transfer)
            self._places.release()
            if not self._inside:
                self._empty.set()

    async def _wait_for_place(self) -> None:
        # Slow transfers are ended only while another request waits for their place.
        making_room = asyncio.create_task(self._make_room(), name="make-room") if self._places.locked() else None
        try:
            async with asyncio.timeout(self._patience_seconds):
                await self._places.acquire()
        except TimeoutError:
            raise ApiError(self._refusal) from None
        finally:
            if making_room is not None:
                making_room.cancel()

    async def _make_room(self) -> None:
        """End the slowest transfer inside once it holds up the one that waits, and then the next slowest."""
        while True:
            going_on = (transfer for transfer in self._inside if transfer is not None and not transfer.has_ended)
            slowest = max(going_on, key=lambda transfer: transfer.seconds_behind, default=None)
            if slowest is not None and slowest.seconds_behind > MAX_SECONDS_BEHIND_OTHERS:
                log.info("slow_transfer_ended", seconds_behind=round(slowest.seconds_behind))
                slowest.end()
            # A transfer may fall behind only while this request waits.
            await asyncio.sleep(LOOK_SECONDS)

    async def wait_until_empty(self) -> None:
        """Return once no request holds a place."""
        await self._empty.wait()

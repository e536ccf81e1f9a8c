"""Room for images in a worker: a few at a time, or a single one with nothing beside it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Places:
    """Bounds the originals and prints in memory. Whoever wants all places waits in line like everybody else."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._free = asyncio.Semaphore(number)
        # Only the first in line takes places. Two who each held some and waited for the others' would wait for ever;
        # and whoever stood in line again for each of all places would keep some empty all that time.
        self._line = asyncio.Lock()

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Hold a place."""
        async with self._line:
            await self._free.acquire()
        try:
            yield
        finally:
            self._free.release()

    @asynccontextmanager
    async def all(self) -> AsyncIterator[None]:
        """Hold every place, so that nothing else is in hand."""
        held = 0
        try:
            async with self._line:
                for _ in range(self._number):
                    await self._free.acquire()
                    held += 1
            yield
        finally:
            for _ in range(held):
                self._free.release()

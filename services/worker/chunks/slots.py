"""How many images a worker has in hand: a few at a time, or one with nothing beside it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager


class WorkerSlots:
    """Bounds the originals and prints in memory. Tasks get slots in the order in which they ask."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._free = asyncio.Semaphore(number)
        # Held while slots are taken. Otherwise two tasks that each want all slots could hold some and wait for each
        # other without end, or single images could keep passing a task that wants all.
        self._next = asyncio.Lock()
        self.images_in_hand = 0

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        async with self._next:
            await self._free.acquire()
        try:
            with self._counted():
                yield
        finally:
            self._free.release()

    @asynccontextmanager
    async def all(self) -> AsyncIterator[None]:
        """Hold every slot, so that no other image is in hand."""
        held = 0
        try:
            async with self._next:
                for _ in range(self._number):
                    await self._free.acquire()
                    held += 1
            with self._counted():
                yield
        finally:
            for _ in range(held):
                self._free.release()

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self.images_in_hand += 1
        try:
            yield
        finally:
            self.images_in_hand -= 1

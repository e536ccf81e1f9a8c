"""The images of one chunk that wait for a slot, until none of them may be begun any more."""

import asyncio
from collections.abc import Awaitable
from typing import cast


class WaitingImages:
    """Tasks that wait, and that can all be stopped at once."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._reason: Exception | None = None

    def __bool__(self) -> bool:
        return bool(self._tasks)

    async def wait_for(self, slot: Awaitable[None]) -> None:
        """Have the calling task wait for its slot; raises the reason if `stop` is called before it has one."""
        task = cast("asyncio.Task[None]", asyncio.current_task())
        self._tasks.add(task)
        try:
            await slot
        except asyncio.CancelledError:
            if self._reason is None:
                raise
            raise self._reason from None
        finally:
            self._tasks.discard(task)

    def stop(self, reason: Exception) -> None:
        """End all waiting; images that have a slot keep it."""
        self._reason = reason
        for task in self._tasks:
            task.cancel()

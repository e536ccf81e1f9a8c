"""Work that is finished even when its caller is cancelled."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


async def shielded(work: Coroutine[Any, Any, T]) -> T:
    """The result of the work; a cancellation is passed on only once the work has ended, and names its failure."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError as cancelled:
        # Cancelled once more while this waits, the work still goes on: `wait` does not pass that on.
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        # Read, as asyncio reports an exception that nobody has read as an error of its own.
        raise cancelled from None if task.cancelled() else task.exception()

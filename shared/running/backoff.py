"""Growing pauses between tries of the same work; see docs/decisions/0016-one-backoff.md."""

import asyncio
import random
from collections.abc import Awaitable, Callable

Sleep = Callable[[float], Awaitable[object]]
"""Waits so many seconds, or less: `Stopping.sleep` ends when the service should stop."""


class Backoff:
    """Pauses that double with each failure in a row, each between half of its length and all of it.

    By default they suit a server that is away: full speed is back within seconds of its return.
    """

    def __init__(self, sleep: Sleep = asyncio.sleep, *, first_seconds: float = 0.5, max_seconds: float = 5.0) -> None:
        self._sleep = sleep
        self._first_seconds = first_seconds
        self._max_seconds = max_seconds
        self._next_seconds = first_seconds

    def reset(self) -> None:
        """Start again from the shortest pause."""
        self._next_seconds = self._first_seconds

    async def pause(self) -> None:
        seconds = self._next_seconds
        self._next_seconds = min(2 * seconds, self._max_seconds)
        await self._sleep(random.uniform(seconds / 2, seconds))  # noqa: S311 - jitter only spreads load

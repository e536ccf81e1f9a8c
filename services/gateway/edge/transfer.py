"""How long a client may keep the gateway waiting for a body, or for taking one."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class TransferLimits:
    """What a client may take for one body."""

    patience_seconds: float
    """Most seconds that the client may be behind; a silent one is ended after so long."""

    min_bytes_per_second: int
    max_seconds: float


class Transfer:
    """One body on its way. Each second of waiting puts the client a second behind, each byte brings it nearer.

    What the gateway itself takes for its work is not counted.
    """

    def __init__(self, limits: TransferLimits) -> None:
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._ends_at = self._loop.time() + limits.max_seconds
        self._behind = 0.0
        self._waiting_since: float | None = None
        self._timeout: asyncio.Timeout | None = None
        self.has_ended = False

    @property
    def seconds_behind(self) -> float:
        """How far the client is behind the least rate at present."""
        return self._behind + (0 if self._waiting_since is None else self._loop.time() - self._waiting_since)

    async def wait_for(self, step: Callable[[], Awaitable[T]]) -> T:
        """Wait for the client; raises TimeoutError when it has been too slow."""
        if self.has_ended:
            raise TimeoutError
        self._waiting_since = began = self._loop.time()
        try:
            deadline = min(began + self._limits.patience_seconds - self._behind, self._ends_at)
            # Kept, so that `end` can let it expire at once.
            async with asyncio.timeout_at(deadline) as self._timeout:
                return await step()
        except TimeoutError:
            self.has_ended = True
            raise
        finally:
            self._behind += self._loop.time() - began
            self._waiting_since = self._timeout = None

    def count(self, size: int) -> None:
        """Take note of bytes that have been moved."""
        self._behind = max(0.0, self._behind - size / self._limits.min_bytes_per_second)

    def end(self) -> None:
        """Have the transfer end as one that has been too slow."""
        self.has_ended = True
        # An expired timeout may not be rescheduled.
        if self._timeout is not None and not self._timeout.expired():
            self._timeout.reschedule(self._loop.time())

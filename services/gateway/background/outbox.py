"""What is to be done about a batch soon after its document was written, done in memory and made up for by a sweep."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import KW_ONLY, dataclass, field
from typing import Generic, TypeVar

import structlog

from shared.running.lifecycle import Readiness, Stopping, repeat

log = structlog.get_logger()

MAX_WAITING = 1000
"""Items kept in memory; those that do not fit are left to the sweep."""

T = TypeVar("T")


@dataclass(frozen=True)
class Outbox(Generic[T]):
    """Handles items in the order in which they are added, `concurrency` at a time.

    `handle` is called once for each. The documents are the truth: what fails here, or is lost in a crash, is left to
    `sweep`, which is called every `sweep_seconds`.
    """

    name: str
    handle: Callable[[T], Awaitable[object]]
    sweep: Callable[[], Awaitable[object]]
    _: KW_ONLY
    concurrency: int
    sweep_seconds: float
    _waiting: asyncio.Queue[T] = field(default_factory=lambda: asyncio.Queue(MAX_WAITING))

    def add(self, item: T) -> None:
        """Have an item handled."""
        if not self._waiting.full():
            self._waiting.put_nowait(item)

    async def run(self, stopping: Stopping, readiness: Readiness | None = None) -> None:
        """Handle items until cancelled; sweeps end with stopping, as another gateway may go on with them."""
        async with asyncio.TaskGroup() as tasks:
            repeat(tasks, self.name, self.sweep_seconds, self.sweep, stopping, readiness)
            for number in range(self.concurrency):
                tasks.create_task(self._handle_forever(), name=f"{self.name}-{number}")

    async def flush(self) -> None:
        """Return once every item that was added is handled or left to the sweep."""
        await asyncio.gather(*(self._handle_waiting() for _ in range(self.concurrency)))
        await self._waiting.join()

    async def _handle_forever(self) -> None:
        while True:
            await self._handle_next()

    async def _handle_waiting(self) -> None:
        while not self._waiting.empty():
            await self._handle_next()

    async def _handle_next(self) -> None:
        item = await self._waiting.get()
        try:
            await self.handle(item)
        except Exception:  # one broken item must not end the gateway; logged with its traceback
            log.warning("left_to_sweep", outbox=self.name, exc_info=True)
        finally:
            self._waiting.task_done()

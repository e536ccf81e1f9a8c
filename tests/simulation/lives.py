"""One process from its start to its end, which may be a crash at any call."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from shared.adapters.memory_broker import _MemorySubscription
from shared.errors import (
    BrokerUnavailableError,
    DocumentsUnavailableError,
    StorageUnavailableError,
    TransientError,
)
from shared.running.lifecycle import DRAIN_SECONDS
from tests.simulation.broker import SimulatedBroker
from tests.simulation.chance import Chance, Server
from tests.simulation.quick_stopping import QuickStopping

T = TypeVar("T")

ERRORS: dict[Server, type[TransientError]] = {
    "broker": BrokerUnavailableError,
    "documents": DocumentsUnavailableError,
    "objects": StorageUnavailableError,
}

LONGEST_UNNOTICED_SECONDS = 3.0
"""How long a broker may take to notice that a consumer is gone."""

BROKER_PATIENCE_SECONDS = 15.0
"""A process that is frozen for longer loses its connection to the broker."""

LONG_CALL_SECONDS = 0.5
"""A call that takes longer, or fails, is trouble."""

Image = tuple[str, int]
"""An upload's name and the index of an image in it."""


class GoneError(Exception):
    """The process ended before it answered."""


class Life:
    """One process's life. After its crash none of its calls reaches a server any more."""

    def __init__(self, name: str, chance: Chance, broker: SimulatedBroker, loop: asyncio.AbstractEventLoop) -> None:
        self.name = name
        self.chance = chance
        self.broker = broker
        self.stopping = QuickStopping()
        self.crashed = False
        self.has_ended = False
        self.ended_by: Image | None = None
        self.subscriptions: list[_MemorySubscription] = []
        self._loop = loop
        self._task: asyncio.Task[None] | None = None
        self._requests: dict[asyncio.Task[Any], None] = {}
        self._frozen_until = 0.0
        self._slow_until = -1.0
        self._failed_at = -1.0
        self.delayed_calls = 0
        """Calls that are slow or frozen at present."""

    @property
    def is_gone(self) -> bool:
        """Whether this process does nothing any more."""
        return self.crashed or self.has_ended

    def was_troubled(self, since: float) -> bool:
        """Whether at any time since that moment this process was frozen, or a call of it failed or took long."""
        return self.was_slow(since) or self._failed_at >= since

    def was_slow(self, since: float) -> bool:
        """Whether at any time since that moment this process was frozen, or a call of it took long."""
        return self._slow_until >= since

    async def spend(self, service: Awaitable[None]) -> None:
        """Run until the service ends, stops or crashes; raises what it raises."""

        async def serve() -> None:
            await service

        self._task = asyncio.create_task(serve(), name=self.name)
        await asyncio.wait([self._task])
        self.has_ended = True
        self._end_requests()
        if not self._task.cancelled():
            self._task.result()

    async def answer(self, request: Coroutine[Any, Any, T]) -> T:
        """What this process answers to a request; raises what it raises, or `GoneError` if it ends before."""
        if self.is_gone:
            request.close()
            raise GoneError
        task = asyncio.create_task(request)
        self._requests[task] = None
        await asyncio.wait([task])
        self._requests.pop(task, None)
        if task.cancelled():
            raise GoneError
        return task.result()

    def crash(self, why: str, by: Image | None = None) -> None:
        """End at once, as after kill -9; the broker notices a little later."""
        if self.crashed:
            return
        self.chance.note(f"{self.name}: {why}")
        self.crashed = True
        self.ended_by = by
        if self._task is not None:
            self._task.cancel()
        self._end_requests()
        loop = asyncio.get_running_loop()
        for subscription in self.subscriptions:
            noticed = self.chance.pause_seconds(LONGEST_UNNOTICED_SECONDS)
            loop.call_later(noticed, self.broker.leave, subscription)

    def stop(self) -> None:
        """Ask for a drain, and crash when it takes too long."""
        self.chance.note(f"{self.name}: is told to stop")
        self.stopping.set()
        asyncio.get_running_loop().call_later(DRAIN_SECONDS, self._give_up)

    def freeze(self, seconds: float) -> None:
        """Let none of its calls go on for so long, as after SIGSTOP; a long one costs its connection to the broker."""
        self.chance.note(f"{self.name}: is frozen for {seconds:.3f} s")
        self._frozen_until = max(self._frozen_until, self._loop.time() + seconds)
        self._slow_until = max(self._slow_until, self._frozen_until)
        if seconds > BROKER_PATIENCE_SECONDS:
            self._loop.call_later(BROKER_PATIENCE_SECONDS, self._lose_connection)

    async def thawed(self) -> None:
        """Wait until the process may go on; raise CancelledError once crashed: what still runs then is not there."""
        if self.crashed:
            raise asyncio.CancelledError
        while self._frozen_until > self._loop.time():
            await asyncio.sleep(self._frozen_until - self._loop.time())
            if self.crashed:
                raise asyncio.CancelledError

    async def reach(
        self,
        server: Server,
        what: str,
        effect: Callable[[], Awaitable[T]],
        on_error: Callable[[], None] | None = None,
    ) -> T:
        """Make one call to a server, on which anything may go wrong before or after its effect."""
        await self._travel(what)
        fault = self.chance.fault(self.name, server, what)
        if fault == "crash before":
            self._crash_here()
        if fault == "error before":
            raise self._error(server, what, on_error)
        answer = await effect()
        if fault == "crash after":
            self._crash_here()
        await self._travel(what)
        if fault == "error after":
            raise self._error(server, what, on_error)
        return answer

    async def _travel(self, what: str) -> None:
        if self.crashed:
            raise asyncio.CancelledError
        seconds = self.chance.latency_seconds(self.name, what)
        self.delayed_calls += 1
        try:
            if seconds:
                if seconds > LONG_CALL_SECONDS:
                    self._slow_until = max(self._slow_until, self._loop.time() + seconds)
                await asyncio.sleep(seconds)
            await self.thawed()
        finally:
            self.delayed_calls -= 1

    def _crash_here(self) -> None:
        self.crash("crashes there")
        raise asyncio.CancelledError

    def _end_requests(self) -> None:
        for task in self._requests:
            task.cancel()

    def _lose_connection(self) -> None:
        if not self.is_gone:
            for subscription in self.subscriptions:
                self.broker.cut(subscription)

    def _give_up(self) -> None:
        if self._task is not None and not self._task.done():
            self.crash("drains too long")

    def _error(self, server: Server, what: str, on_error: Callable[[], None] | None) -> TransientError:
        self._failed_at = self._loop.time()
        if on_error is not None:
            on_error()
        return ERRORS[server](f"{what} failed in the simulation")

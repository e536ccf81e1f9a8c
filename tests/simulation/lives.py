"""One service from its start to its end, which may be a crash at any call, and the supervisor that starts the next."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from shared.adapters.memory_broker import _MemorySubscription
from shared.errors import (
    BrokerUnavailableError,
    DocumentsUnavailableError,
    StorageUnavailableError,
    TransientError,
)
from shared.lifecycle import DRAIN_SECONDS, Stopping
from tests.simulation.broker import SimulatedBroker
from tests.simulation.chance import Chance, Server
from tests.simulation.stores import Report

T = TypeVar("T")

ERRORS: dict[Server, type[TransientError]] = {
    "broker": BrokerUnavailableError,
    "documents": DocumentsUnavailableError,
    "objects": StorageUnavailableError,
}

LONGEST_UNNOTICED_SECONDS = 3.0
"""How long a broker may take to notice that a consumer is gone."""

LONGEST_RESTART_SECONDS = 5.0


class Life:
    """One process's life. After its crash none of its calls reaches a server any more."""

    def __init__(self, name: str, chance: Chance, broker: SimulatedBroker) -> None:
        self.name = name
        self.chance = chance
        self.broker = broker
        self.stopping = Stopping()
        self.crashed = False
        self.subscriptions: list[_MemorySubscription] = []
        self._task: asyncio.Task[None] | None = None

    async def spend(self, service: Awaitable[None]) -> None:
        """Run until the service ends, stops or crashes; raises what it raises."""

        async def serve() -> None:
            await service

        self._task = asyncio.create_task(serve(), name=self.name)
        await asyncio.wait([self._task])
        if not self._task.cancelled():
            self._task.result()

    def crash(self, why: str) -> None:
        """End at once, as after kill -9; the broker notices a little later."""
        if self.crashed:
            return
        self.chance.note(f"{self.name}: {why}")
        self.crashed = True
        if self._task is not None:
            self._task.cancel()
        loop = asyncio.get_running_loop()
        for subscription in self.subscriptions:
            noticed = self.chance.pause_seconds(LONGEST_UNNOTICED_SECONDS)
            loop.call_later(noticed, self.broker.leave, subscription)

    def stop(self) -> None:
        """Ask for a drain, and crash when it takes too long."""
        self.chance.note(f"{self.name}: is told to stop")
        self.stopping.set()
        asyncio.get_running_loop().call_later(DRAIN_SECONDS, self._give_up)

    def check_alive(self) -> None:
        """Raise CancelledError once crashed: what still runs then is not there."""
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
        self.check_alive()
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
        seconds = self.chance.latency_seconds(self.name, what)
        if seconds:
            await asyncio.sleep(seconds)
        self.check_alive()

    def _crash_here(self) -> None:
        self.crash("crashes there")
        raise asyncio.CancelledError

    def _give_up(self) -> None:
        if self._task is not None and not self._task.done():
            self.crash("drains too long")

    def _error(self, server: Server, what: str, on_error: Callable[[], None] | None) -> TransientError:
        if on_error is not None:
            on_error()
        return ERRORS[server](f"{what} failed in the simulation")


class Supervisor:
    """Keeps one service running, life after life."""

    def __init__(self, name: str, live: Callable[[Life], Awaitable[None]], begin: Callable[[str], Life]) -> None:
        self.name = name
        self.life = begin(name)
        self._live = live
        self._begin = begin

    async def run(self, closing: Stopping, report: Report) -> None:
        """Start the service again after each end, until closing."""
        number = 0
        while True:
            try:
                await self.life.spend(self._live(self.life))
            except* TransientError:
                self.life.chance.note(f"{self.life.name}: ends, for a server is away")
            except* Exception as errors:  # noqa: BLE001 - no service may end so; reported
                report(f"{self.life.name} ended with {errors.exceptions!r}")
            if not self.life.crashed:
                for subscription in self.life.subscriptions:
                    self.life.broker.leave(subscription)
            if closing.is_set or await closing.sleep(self.life.chance.pause_seconds(LONGEST_RESTART_SECONDS)):
                return
            number += 1
            self.life = self._begin(f"{self.name}.{number}")

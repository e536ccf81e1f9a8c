"""Supervisors: each keeps one service running, life after life."""

from collections.abc import Awaitable, Callable

from shared.errors import TransientError
from shared.running.lifecycle import Stopping
from tests.simulation.lives import Life
from tests.simulation.rules import UNFORESEEN, Report

LONGEST_RESTART_SECONDS = 5.0


class Supervisor:
    """Keeps one service running, life after life."""

    def __init__(self, name: str, live: Callable[[Life], Awaitable[None]], begin: Callable[[str], Life]) -> None:
        self.name = name
        self.closing = Stopping()
        self.life = begin(name)
        self._live = live
        self._begin = begin

    def close(self) -> None:
        """Have the service stop, and let it rest."""
        self.closing.set()
        self.life.stopping.set()

    async def run(self, report: Report) -> None:
        """Start the service again after each end, until it is closed."""
        number = 0
        while True:
            try:
                await self.life.spend(self._live(self.life))
            except* TransientError:
                self.life.chance.note(f"{self.life.name}: ends, for a server is away")
            except* Exception as errors:  # noqa: BLE001 - no service may end so; reported
                report(f"{UNFORESEEN} {self.life.name} ended with {errors.exceptions!r}")
            if not self.life.crashed:
                for subscription in self.life.subscriptions:
                    self.life.broker.leave(subscription)
            if await self.closing.sleep(self.life.chance.pause_seconds(LONGEST_RESTART_SECONDS)):
                return
            number += 1
            self.life = self._begin(f"{self.name}.{number}")

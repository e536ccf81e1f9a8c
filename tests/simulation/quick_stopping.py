"""A service's stop signal, made for the many short sleeps of a simulation."""

import asyncio

from shared.running.lifecycle import Stopping


class QuickStopping(Stopping):
    """A `Stopping` whose sleep makes no task of its own: simulated services sleep more than anything else."""

    def __init__(self) -> None:
        super().__init__()
        self._sleepers: dict[asyncio.Future[bool], None] = {}

    def set(self) -> None:
        """See `Stopping`."""
        super().set()
        for sleeper in self._sleepers:
            _wake(sleeper, stopping=True)

    async def sleep(self, seconds: float) -> bool:
        """See `Stopping`."""
        if self.is_set:
            return True
        loop = asyncio.get_running_loop()
        sleeper: asyncio.Future[bool] = loop.create_future()
        self._sleepers[sleeper] = None
        timer = loop.call_later(seconds, _wake, sleeper)
        try:
            return await sleeper
        finally:
            timer.cancel()
            del self._sleepers[sleeper]


def _wake(sleeper: "asyncio.Future[bool]", *, stopping: bool = False) -> None:
    if not sleeper.done():
        sleeper.set_result(stopping)

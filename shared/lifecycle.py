"""How a service lives: told when to stop, ready or not, its background tasks owned, its drain bounded."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping

import structlog

log = structlog.get_logger()

DRAIN_SECONDS = 8.0
"""Time a service gets after SIGTERM to finish what is in hand; supervisors kill after 10 s."""


class Readiness:
    """What keeps a service from doing its work at present, part by part; ready when nothing does."""

    def __init__(self) -> None:
        self._problems: dict[str, str] = {}

    def report(self, part: str, problem: str | None) -> None:
        """Say what is wrong with a part, or None when it works."""
        if problem is None:
            self._problems.pop(part, None)
        else:
            self._problems[part] = problem

    @property
    def problems(self) -> Mapping[str, str]:
        """Each part that does not work, with a sentence."""
        return dict(self._problems)


class Stopping:
    """Tells every loop of a service that it should end; set once, never cleared."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    @property
    def is_set(self) -> bool:
        """Whether the service is on its way out."""
        return self._event.is_set()

    def set(self) -> None:
        """Begin to stop."""
        self._event.set()

    async def wait(self) -> None:
        """Return once the service should stop."""
        await self._event.wait()

    async def sleep(self, seconds: float) -> bool:
        """Wait so long or until the service should stop; True if it should."""
        try:
            await asyncio.wait_for(self._event.wait(), seconds)
        except TimeoutError:
            return False
        return True


async def run_every(
    seconds: float, work: Callable[[], Awaitable[object]], stopping: Stopping, *, name: str, readiness: Readiness
) -> None:
    """Do the work now and then again `seconds` after each end, until stopping; a failure is logged and retried."""
    while not stopping.is_set:
        try:
            await work()
            readiness.report(name, None)
        except Exception as error:  # a sweep must outlive whatever one round meets; logged with its traceback
            readiness.report(name, str(error) or type(error).__name__)
            log.warning("sweep_failed", sweep=name, exc_info=True)
        await stopping.sleep(seconds)


async def run_until_signal(serve: Callable[[Stopping], Awaitable[None]], drain_seconds: float = DRAIN_SECONDS) -> None:
    """Run a service until it ends or SIGTERM or SIGINT comes.

    The first signal sets `stopping` and gives the service `drain_seconds`; the second, or the deadline, cancels it,
    and what it had in hand is redelivered to another.
    """
    stopping = Stopping()
    task = asyncio.create_task(_serve(serve, stopping), name="service")
    loop = asyncio.get_running_loop()

    def on_signal(name: str) -> None:
        if stopping.is_set:
            log.warning("stopping_at_once", signal=name)
            task.cancel()
            return
        log.info("stopping", signal=name, drain_seconds=drain_seconds)
        stopping.set()
        loop.call_later(drain_seconds, _give_up, task)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal, number.name)
    try:
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()
    finally:
        task.cancel()  # does nothing unless this run was cancelled itself
        await asyncio.gather(task, return_exceptions=True)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


async def _serve(serve: Callable[[Stopping], Awaitable[None]], stopping: Stopping) -> None:
    await serve(stopping)


def _give_up(task: asyncio.Task[None]) -> None:
    if not task.done():
        log.warning("drain_deadline_passed")
        task.cancel()

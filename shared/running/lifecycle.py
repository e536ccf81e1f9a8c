"""How a service lives: its signal to stop, its readiness, its background tasks and its bounded drain."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog

log = structlog.get_logger()

DRAIN_SECONDS = 8.0
"""Time a service gets after SIGTERM to finish what is in hand; supervisors kill after 10 s."""

LOOK_SECONDS = 5.0
"""Between two looks at a part that works, and the longest that a look may take before its part is one that does not."""

LOOK_AGAIN_SECONDS = 1.0
"""Between two looks at a part that does not work, so that its return is seen soon."""


class Readiness:
    """What keeps a service from doing its work at present, part by part; ready when nothing does."""

    def __init__(self) -> None:
        self._parts: dict[str, str | None] = {}

    def report(self, part: str, problem: str | None) -> None:
        """Say what is wrong with a part, or None when it works."""
        self._parts[part] = problem

    @property
    def parts(self) -> Mapping[str, str | None]:
        """Each part that has reported itself: a sentence on what is wrong with it, or None when it works."""
        return dict(self._parts)

    @property
    def problems(self) -> Mapping[str, str]:
        """Each part that does not work, with a sentence."""
        return {part: problem for part, problem in self._parts.items() if problem is not None}


class Stopping:
    """Tells every loop of a service that it should end; set once, never cleared."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    @property
    def is_set(self) -> bool:
        """Whether the service is on its way out."""
        return self._event.is_set()

    def set(self) -> None:
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
    seconds: float,
    work: Callable[[], Awaitable[object]],
    stopping: Stopping,
    *,
    name: str,
    readiness: Readiness | None = None,
) -> None:
    """Do the work now and then again `seconds` after each end, until stopping; a failure is logged and retried.

    With a readiness, the service is not ready from a round that failed to the next that does not.
    """
    while not stopping.is_set:
        problem = None
        try:
            await work()
        except Exception as error:  # a sweep must outlive whatever one round meets; logged with its traceback
            problem = str(error) or type(error).__name__
            log.warning("sweep_failed", sweep=name, exc_info=True)
        if readiness is not None:
            readiness.report(name, problem)
        await stopping.sleep(seconds)


def repeat(
    tasks: asyncio.TaskGroup,
    name: str,
    seconds: float,
    work: Callable[[], Awaitable[object]],
    stopping: Stopping,
    readiness: Readiness | None = None,
) -> None:
    """Have a task of this name do the work every `seconds`, as `run_every` does."""
    tasks.create_task(run_every(seconds, work, stopping, name=name, readiness=readiness), name=name)


@contextlib.asynccontextmanager
async def watching(
    name: str,
    look: Callable[[], Awaitable[object]],
    readiness: Readiness,
    *,
    look_seconds: float = LOOK_SECONDS,
    look_again_seconds: float = LOOK_AGAIN_SECONDS,
) -> AsyncIterator[None]:
    """Look again and again at a part that a service depends on, and report what is wrong with it, while the block runs.

    `look` raises when the part does not work. The block begins after the first look, or after 5 s without an answer.
    """
    watch = _Watch(name, look, readiness, look_seconds, look_again_seconds)
    try:
        await watch.look()
        task = asyncio.create_task(watch.run(), name=f"watch {name}")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    finally:
        await watch.give_up()


@dataclass
class _Watch:
    """Looks at one part again and again, and reports how it is."""

    name: str
    check: Callable[[], Awaitable[object]]
    readiness: Readiness
    look_seconds: float
    look_again_seconds: float
    _looking: asyncio.Task[None] | None = None
    _problem: str | None = None

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(self.look_seconds if self._problem is None else self.look_again_seconds)
            await self.look()

    async def look(self) -> None:
        """Look, or go on waiting for the look that has not ended yet, and report."""
        # One look at a time: in a file system that hangs, each further one would cost a thread.
        self._looking = self._looking or asyncio.create_task(self._looked(), name=f"look at {self.name}")
        done, _ = await asyncio.wait({self._looking}, timeout=self.look_seconds)
        if not done:
            self._report(f"no answer within {self.look_seconds:.0f} s", None)
            return
        error, self._looking = self._looking.exception(), None
        self._report((str(error) or type(error).__name__) if error else None, error)

    async def give_up(self) -> None:
        """End a look that is under way."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def _looked(self) -> None:
        # `create_task` takes coroutines only, and `check` may return another awaitable.
        await self.check()

    def _report(self, problem: str | None, error: BaseException | None) -> None:
        self.readiness.report(self.name, problem)
        if problem is not None and self._problem is None:
            log.warning("part_does_not_work", part=self.name, problem=problem, exc_info=error)
        elif problem is None and self._problem is not None:
            log.info("part_works_again", part=self.name)
        self._problem = problem


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
            task.cancel()  # a second signal means: at once
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

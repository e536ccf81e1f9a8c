import asyncio
import os
import signal
from functools import partial

import pytest
from structlog.testing import capture_logs

from shared.running.lifecycle import Readiness, Stopping, run_every, run_until_signal, watching
from tests.fakes import DEADLINE_SECONDS, until

FOREVER = 3600.0


class Service:
    """Starts, waits to be told to stop, and then drains until `drained` is set."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.told = False
        self.drained = asyncio.Event()
        self.ended = ""

    async def serve(self, stopping: Stopping) -> None:
        """Run."""
        self.started.set()
        try:
            await stopping.wait()
            self.told = True
            await self.drained.wait()
        except asyncio.CancelledError:
            self.ended = "cancelled"
            raise
        self.ended = "drained"


def send(number: signal.Signals) -> None:
    """Send this process a signal."""
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_first_signal_lets_the_service_finish_what_it_has_in_hand(number: signal.Signals) -> None:
    """Told, not cancelled."""
    service = Service()
    running = asyncio.create_task(run_until_signal(service.serve, FOREVER))
    await service.started.wait()
    send(number)
    await until(lambda: service.told)
    assert not running.done()
    service.drained.set()
    async with asyncio.timeout(DEADLINE_SECONDS):
        await running
    assert service.ended == "drained"


async def test_the_second_signal_cancels() -> None:
    """Whoever asks twice does not want to wait."""
    service = Service()
    running = asyncio.create_task(run_until_signal(service.serve, FOREVER))
    await service.started.wait()
    send(signal.SIGTERM)
    await until(lambda: service.told)
    send(signal.SIGINT)
    async with asyncio.timeout(DEADLINE_SECONDS):
        await running
    assert service.ended == "cancelled"


async def test_the_deadline_cancels() -> None:
    """A drain that does not end is given up before the supervisor kills."""
    service = Service()
    running = asyncio.create_task(run_until_signal(service.serve, 0.001))
    await service.started.wait()
    send(signal.SIGTERM)
    async with asyncio.timeout(DEADLINE_SECONDS):
        await running
    assert service.ended == "cancelled"


async def test_a_deadline_that_passes_after_the_drain_says_nothing() -> None:
    """The log of a service that ended in time must not claim that it did not."""
    service = Service()
    service.drained.set()
    with capture_logs() as logs:
        running = asyncio.create_task(run_until_signal(service.serve, 0.01))
        await service.started.wait()
        send(signal.SIGTERM)
        async with asyncio.timeout(DEADLINE_SECONDS):
            await running
        deadline = asyncio.Event()
        asyncio.get_running_loop().call_later(0.01, deadline.set)
        await deadline.wait()
    assert [line["event"] for line in logs] == ["stopping"]
    assert service.ended == "drained"


async def test_a_service_that_fails_fails_the_process_and_leaves_no_signal_handlers() -> None:
    """The supervisor has to see it; and a later signal acts as it did before."""

    async def fail(_stopping: Stopping) -> None:
        raise OSError("address in use")

    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(OSError, match="address in use"):
        await run_until_signal(fail)
    assert signal.getsignal(signal.SIGTERM) == before


async def test_cancelling_the_run_cancels_the_service() -> None:
    """Nothing of it goes on unowned."""
    service = Service()
    running = asyncio.create_task(run_until_signal(service.serve, FOREVER))
    await service.started.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(DEADLINE_SECONDS):
            await running
    assert service.ended == "cancelled"


async def test_sleeping_ends_at_once_when_stopping() -> None:
    """Every pause of a service goes through here, so that none outlasts a drain."""
    stopping = Stopping()
    sleeping = asyncio.create_task(stopping.sleep(FOREVER))
    await asyncio.sleep(0)
    stopping.set()
    assert await sleeping is True
    assert await Stopping().sleep(0.001) is False


async def test_a_sweep_outlives_its_failures_and_says_so_in_its_readiness() -> None:
    """Not ready while it fails, ready again once it works."""
    readiness, stopping = Readiness(), Stopping()
    readiness.report("other", "still connecting")
    problems: list[dict[str, str]] = []
    failures: list[Exception | None] = [OSError("the database is down"), KeyError(), None]

    async def work() -> None:
        problems.append(dict(readiness.problems))
        if not failures:
            stopping.set()
        elif failure := failures.pop(0):
            raise failure

    async with asyncio.timeout(DEADLINE_SECONDS):
        await run_every(0.001, work, stopping, name="sweep", readiness=readiness)
    assert [seen.get("sweep") for seen in problems] == [None, "the database is down", "KeyError", None]
    assert readiness.problems == {"other": "still connecting"}
    assert readiness.parts == {"other": "still connecting", "sweep": None}


async def test_a_sweep_does_not_start_another_round_when_stopping() -> None:
    """The pause between rounds ends at once, and so does the sweep."""
    stopping = Stopping()
    rounds = []

    async def work() -> None:
        rounds.append(1)

    running = asyncio.create_task(run_every(FOREVER, work, stopping, name="sweep", readiness=Readiness()))
    await until(lambda: rounds == [1])
    stopping.set()
    async with asyncio.timeout(DEADLINE_SECONDS):
        await running
    assert rounds == [1]


class CountedReadiness(Readiness):
    """Knows how often it was told something."""

    reports = 0

    def report(self, part: str, problem: str | None) -> None:
        """See `Readiness`."""
        super().report(part, problem)
        self.reports += 1


quickly = partial(watching, look_seconds=0.01, look_again_seconds=0.001)
"""A look may take a hundredth of a second, and comes at once after another."""


async def test_a_part_is_looked_at_before_the_work_begins_and_again_while_it_goes_on() -> None:
    """The readiness says what is wrong with it for as long as it is."""
    readiness = Readiness()
    problem: Exception | None = OSError("the store is away")

    async def look() -> None:
        if problem is not None:
            raise problem

    async with quickly("objects", look, readiness):
        assert readiness.problems == {"objects": "the store is away"}
        problem = KeyError()
        await until(lambda: readiness.problems == {"objects": "KeyError"})
        problem = None
        await until(lambda: not readiness.problems)
        problem = OSError("away again")
        await until(lambda: readiness.problems == {"objects": "away again"})
    assert not [task for task in asyncio.all_tasks() if "objects" in task.get_name()]


async def test_a_look_without_an_answer_is_reported_and_waited_for() -> None:
    """A file system that hangs would cost a thread for each look that is begun."""
    readiness, looks = CountedReadiness(), 0
    answer = asyncio.Event()
    cancelled = asyncio.Event()

    async def look() -> None:
        nonlocal looks
        looks += 1
        try:
            await answer.wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async with quickly("objects", look, readiness):
        await until(lambda: readiness.reports == 3)
        assert "no answer" in readiness.problems["objects"]
        assert looks == 1
        answer.set()
        await until(lambda: not readiness.problems)
        answer.clear()
        await until(lambda: bool(readiness.problems))
    assert cancelled.is_set()

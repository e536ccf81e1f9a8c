"""What a service notices of a RabbitMQ that takes no messages, in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aio_pika.abc import AbstractChannel
from structlog.testing import capture_logs

from shared.adapters.rabbitmq.connection import Connection
from shared.adapters.rabbitmq.publisher_watch import REFUSED, PublisherWatch
from shared.errors import BrokerUnavailableError
from shared.running.lifecycle import Readiness
from tests.simulation.virtual_time import VirtualLoop


class FakeRabbitmq:
    """A connection and a channel: blocks as it is told, and answers probes or not."""

    def __init__(self, *, confirms: bool = True) -> None:
        self.probes: list[float] = []
        self.confirms = confirms
        self._unblocked = asyncio.Event()
        self._unblocked.set()
        self.default_exchange = self

    def block(self, *, is_blocked: bool = True) -> None:
        """Refuse messages, or take them again."""
        if is_blocked:
            self._unblocked.clear()
        else:
            self._unblocked.set()

    async def is_blocked(self) -> bool:
        """As `Connection` says it."""
        return not self._unblocked.is_set()

    async def wait_until_unblocked(self) -> None:
        """As `Connection` does."""
        await self._unblocked.wait()

    async def declare_queue(self, *_arguments: Any, **_options: Any) -> Any:
        """The queue of probes."""
        return SimpleNamespace(name="probes")

    async def publish(self, *_arguments: Any, **_options: Any) -> None:
        """Note when a probe came; confirm it if it is to be confirmed."""
        self.probes.append(asyncio.get_running_loop().time())
        if not self.confirms or not self._unblocked.is_set():
            await asyncio.Event().wait()


def watched(story: Callable[[FakeRabbitmq, Readiness], Awaitable[None]], *, confirms: bool = True) -> FakeRabbitmq:
    """Watch a RabbitMQ while the story is told; raises what the watch ends with."""
    loop = VirtualLoop()

    async def run() -> FakeRabbitmq:
        rabbitmq, readiness = FakeRabbitmq(confirms=confirms), Readiness()
        watch = PublisherWatch(cast("Connection", rabbitmq), "publish", readiness)
        watching = asyncio.ensure_future(watch.watch(cast("AbstractChannel", rabbitmq)))
        tasks: list[asyncio.Future[Any]] = [watching, asyncio.ensure_future(story(rabbitmq, readiness))]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended
        return rabbitmq

    try:
        return loop.run_until_complete(run())
    finally:
        loop.close()


def test_a_probe_is_sent_every_five_seconds() -> None:
    """RabbitMQ tells of its alarm only those who publish."""

    async def nothing_happens(_rabbitmq: FakeRabbitmq, _readiness: Readiness) -> None:
        await asyncio.sleep(16)

    assert watched(nothing_happens).probes == [0, 5, 10, 15]


@pytest.mark.parametrize("at", [0.1, 2.4, 4.9])
def test_an_alarm_is_reported_within_a_second_until_it_is_over(at: float) -> None:
    """Though nothing was due: RabbitMQ has refused what the service itself published."""

    async def alarm(rabbitmq: FakeRabbitmq, readiness: Readiness) -> None:
        await asyncio.sleep(at)
        rabbitmq.block()
        await asyncio.sleep(1.1)
        assert readiness.problems == {"publish": REFUSED}
        await asyncio.sleep(100)
        assert readiness.problems == {"publish": REFUSED}
        rabbitmq.block(is_blocked=False)
        await asyncio.sleep(0.1)
        assert readiness.problems == {}

    with capture_logs() as logs:
        watched(alarm)
    assert [line["event"] for line in logs] == ["broker_refuses_messages", "broker_takes_messages_again"]


def test_an_alarm_that_answers_a_probe_is_no_lost_broker() -> None:
    """The probe stays without a confirmation for as long as the alarm lasts."""

    async def alarm(rabbitmq: FakeRabbitmq, readiness: Readiness) -> None:
        rabbitmq.confirms = False
        await asyncio.sleep(6)  # a probe is on its way
        rabbitmq.block()
        await asyncio.sleep(100)
        assert readiness.problems == {"publish": REFUSED}

    watched(alarm)


def test_a_broker_that_confirms_nothing_is_given_up() -> None:
    """After half a minute, so that another channel is opened."""
    times: list[float] = []

    async def wait(_rabbitmq: FakeRabbitmq, _readiness: Readiness) -> None:
        try:
            await asyncio.sleep(100)
        finally:
            times.append(asyncio.get_running_loop().time())

    with pytest.raises(BrokerUnavailableError, match="confirms nothing"):
        watched(wait, confirms=False)
    assert times == [pytest.approx(30)]

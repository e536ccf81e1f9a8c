"""Fixtures: each broker, and waiting."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import aio_pika
import pytest

from shared.adapters.rabbitmq import open_broker
from shared.running.lifecycle import Readiness
from tests.contract.broker.brokers import PATIENCE_SECONDS, BrokerUnderTest, Eventually, Memory, Rabbit


@pytest.fixture
def memory() -> Memory:
    """A new in-memory broker."""
    return Memory()


@pytest.fixture
async def rabbitmq(rabbitmq_url: str) -> AsyncIterator[Rabbit]:
    """A RabbitMQ with nothing in it."""
    readiness = Readiness()
    async with (
        open_broker(rabbitmq_url, "test", readiness, publish_seconds=5) as broker,
        await aio_pika.connect(rabbitmq_url) as connection,
        await connection.channel() as channel,
    ):
        assert connection.transport is not None
        yield Rabbit(broker, channel, str(connection.transport.connection.server_properties["version"]))
    assert not readiness.problems


@pytest.fixture(params=["memory", "rabbitmq"])
def broker(request: pytest.FixtureRequest) -> BrokerUnderTest:
    """Each of the two brokers in turn, empty."""
    chosen: BrokerUnderTest = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture
def eventually() -> Eventually:
    """Waits until an asynchronous condition holds, or fails after a deadline."""

    async def wait(condition: Callable[[], Awaitable[object]]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await condition():  # noqa: ASYNC110 - the condition is a server's, which sets no event here
                await asyncio.sleep(0.02)

    return wait

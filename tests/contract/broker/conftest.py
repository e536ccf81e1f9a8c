"""The two brokers that must behave the same, each with the little that a test needs besides the ports."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Protocol

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel

from shared.adapters.memory_broker import MemoryBroker
from shared.adapters.rabbitmq import RabbitBroker, open_broker
from shared.lifecycle import Readiness
from shared.ports import Publisher, Subscriber
from shared.topology import REASON_HEADER, Queue

PATIENCE_SECONDS = 20


class BrokerUnderTest(Protocol):
    """A broker, and what only a stranger with access to it does."""

    publisher: Publisher
    subscriber: Subscriber

    async def put_raw(self, queue: Queue, body: bytes) -> None:
        """Put any bytes into a queue."""

    async def dead(self, queue: Queue) -> Sequence[tuple[bytes, str]]:
        """The bodies that the queue gave up, each with the reason."""


class Memory:
    """The in-memory broker."""

    def __init__(self) -> None:
        self._broker = MemoryBroker()
        self.publisher = self._broker.publisher
        self.subscriber = self._broker.subscriber

    async def put_raw(self, queue: Queue, body: bytes) -> None:
        self._broker.put_raw(queue, body)

    async def dead(self, queue: Queue) -> Sequence[tuple[bytes, str]]:
        return [(letter.body, letter.reason) for letter in self._broker.dead(queue)]


class Rabbit:
    """A real RabbitMQ, looked at through a channel that knows nothing of the adapter."""

    def __init__(self, broker: RabbitBroker, channel: AbstractChannel) -> None:
        self.publisher: Publisher = broker.publisher
        self.subscriber: Subscriber = broker.subscriber
        self._channel = channel
        self._dead: dict[str, list[tuple[bytes, str]]] = {}

    async def put_raw(self, queue: Queue, body: bytes) -> None:
        await self._channel.default_exchange.publish(aio_pika.Message(body), queue.name)

    async def dead(self, queue: Queue) -> Sequence[tuple[bytes, str]]:
        seen = self._dead.setdefault(queue.name, [])
        letters = await self._channel.get_queue(queue.dead_letter_queue)
        while (letter := await letters.get(fail=False, no_ack=True)) is not None:
            reason = letter.headers.get(REASON_HEADER) or letter.headers.get("x-first-death-reason")
            seen.append((letter.body, str(reason)))
        return seen


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
        yield Rabbit(broker, channel)
    assert not readiness.problems


@pytest.fixture(params=["memory", "rabbitmq"])
def broker(request: pytest.FixtureRequest) -> BrokerUnderTest:
    """Each of the two brokers in turn, empty."""
    chosen: BrokerUnderTest = request.getfixturevalue(request.param)
    return chosen


Eventually = Callable[[Callable[[], Awaitable[object]]], Awaitable[None]]


@pytest.fixture
def eventually() -> Eventually:
    """Waits until an asynchronous condition holds, or fails after a deadline."""

    async def wait(condition: Callable[[], Awaitable[object]]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await condition():
                await asyncio.sleep(0.02)

    return wait

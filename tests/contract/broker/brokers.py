"""The two brokers that must behave the same, each with the little that a test needs beyond the ports."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import aio_pika
from aio_pika.abc import AbstractChannel

from shared.adapters.memory_broker import MemoryBroker
from shared.adapters.rabbitmq import RabbitBroker
from shared.messaging.encoding import decode
from shared.messaging.messages import BatchSubmitted
from shared.messaging.topology import REASON_HEADER, WORK, Queue
from shared.ports import DeadLetters, Delivery, Publisher, QueueDepths, Subscriber, Subscription

PATIENCE_SECONDS = 20

Eventually = Callable[[Callable[[], Awaitable[object]]], Awaitable[None]]


class BrokerUnderTest(Protocol):
    """A broker, and what only a stranger with access to it does."""

    publisher: Publisher
    subscriber: Subscriber
    queue_depths: QueueDepths
    dead_letters: DeadLetters
    counts_hand_backs: bool
    """Whether deliveries that were handed back count towards the delivery limit."""

    async def put_raw(self, queue: Queue, body: bytes) -> None:
        """Put any bytes into a queue."""

    async def dead(self, queue: Queue) -> Sequence[tuple[bytes, str]]:
        """The bodies that the queue gave up, each with the reason."""


class Memory:
    """The in-memory broker."""

    counts_hand_backs = False

    def __init__(self) -> None:
        self._broker = MemoryBroker()
        self.publisher = self._broker.publisher
        self.subscriber = self._broker.subscriber
        self.queue_depths: QueueDepths = self._broker.queue_depths
        self.dead_letters: DeadLetters = self._broker.dead_letters

    async def put_raw(self, queue: Queue, body: bytes) -> None:
        self._broker.queues[queue.name].put(body)

    async def dead(self, queue: Queue) -> Sequence[tuple[bytes, str]]:
        return [(letter.body, letter.reason) for letter in self._broker.queues[queue.name].dead]


class Rabbit:
    """A real RabbitMQ, looked at through a channel that knows nothing of the adapter."""

    def __init__(self, broker: RabbitBroker, channel: AbstractChannel, version: str) -> None:
        self.publisher: Publisher = broker.publisher
        self.subscriber: Subscriber = broker.subscriber
        self.queue_depths: QueueDepths = broker.queue_depths
        self.dead_letters: DeadLetters = broker.dead_letters
        self.counts_hand_backs = tuple(int(part) for part in version.split(".")[:2]) < (4, 3)
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


def submitted(number: int) -> BatchSubmitted:
    """A message that differs from the others by its batch id."""
    return BatchSubmitted(batch_id=f"batch-{number}")


async def publish(broker: BrokerUnderTest, count: int) -> None:
    """Publish the messages 0 to `count - 1`."""
    for number in range(count):
        await broker.publisher.publish(submitted(number))


async def take(subscription: Subscription, count: int) -> list[Delivery]:
    """The next deliveries, within a deadline."""
    deliveries = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        for _ in range(count):
            delivery = await subscription.next()
            assert delivery is not None
            deliveries.append(delivery)
    return deliveries


def numbers(deliveries: Sequence[Delivery]) -> list[int]:
    """Which messages of `submitted` these are."""
    return [int(decode(delivery.body).batch_id.removeprefix("batch-")) for delivery in deliveries]


async def left_over(broker: BrokerUnderTest) -> list[int]:
    """The numbers of the messages that are still in the queue."""
    await broker.publisher.publish(submitted(999))  # the broker keeps the order, so this comes last
    left = []
    async with broker.subscriber.subscribe(WORK, prefetch=100) as subscription:
        while numbers(one := await take(subscription, 1)) != [999]:
            left += one
        await subscription.ack_through(one[0])
    return sorted(numbers(left))

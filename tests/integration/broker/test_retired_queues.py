"""Queues of earlier versions: they go once nobody consumes them, and leave no dead letter behind."""

from collections.abc import AsyncIterator
from unittest.mock import AsyncMock

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel
from aio_pika.exceptions import ChannelNotFoundEntity

from shared.adapters.rabbitmq import RabbitBroker, open_broker
from shared.messaging.topology import EVENTS, RETIRED
from shared.running.lifecycle import Readiness
from tests.integration.broker.traffic import numbered

QUEUE = RETIRED[0]


@pytest.fixture
async def broker(rabbitmq_url: str) -> AsyncIterator[RabbitBroker]:
    """The broker as a chunker of this version sees it."""
    async with open_broker(rabbitmq_url, "test", Readiness()) as broker:
        yield broker


@pytest.fixture
async def channel(rabbitmq_url: str) -> AsyncIterator[AbstractChannel]:
    """A channel of an earlier version, which has declared its queue."""
    async with await aio_pika.connect(rabbitmq_url) as connection:
        channel = await connection.channel()
        for name in (QUEUE.name, QUEUE.dead_letter_queue):
            await channel.declare_queue(name, durable=True, arguments={"x-queue-type": "quorum"})
        yield channel


async def names_left(url: str) -> list[str]:
    """Which of the two queues are there."""
    left = []
    async with await aio_pika.connect(url) as connection:
        for name in (QUEUE.name, QUEUE.dead_letter_queue):
            channel = await connection.channel()
            try:
                await channel.declare_queue(name, passive=True)
            except ChannelNotFoundEntity:
                continue
            left.append(name)
    return left


async def test_a_queue_that_an_earlier_version_consumes_stays(
    broker: RabbitBroker, channel: AbstractChannel, rabbitmq_url: str
) -> None:
    """Both versions work side by side until the upgrade is over."""
    queue = await channel.get_queue(QUEUE.name)
    await queue.consume(AsyncMock())
    await broker.subscriber.remove_unused(QUEUE)
    assert QUEUE.name in await names_left(rabbitmq_url)


async def test_a_queue_that_nobody_consumes_goes_with_what_waits_in_it(
    broker: RabbitBroker, channel: AbstractChannel, rabbitmq_url: str
) -> None:
    """The documents say the same; and where there is none, nothing happens."""
    queue = await channel.get_queue(QUEUE.name)
    await queue.bind(EVENTS, "chunk.ready.normal")
    await broker.publisher.publish(numbered(1))
    for _ in range(2):
        await broker.subscriber.remove_unused(QUEUE)
        assert await names_left(rabbitmq_url) == []


async def test_dead_letters_are_kept_for_people(
    broker: RabbitBroker, channel: AbstractChannel, rabbitmq_url: str
) -> None:
    """They are looked at and thrown away in the management UI."""
    await channel.default_exchange.publish(aio_pika.Message(b"unreadable"), QUEUE.dead_letter_queue)
    await broker.subscriber.remove_unused(QUEUE)
    assert await names_left(rabbitmq_url) == [QUEUE.dead_letter_queue]

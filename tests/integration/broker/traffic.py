"""Numbered messages to publish, take and miss."""

import asyncio
from collections.abc import Awaitable, Callable

from shared.errors import BrokerUnavailableError
from shared.messaging.messages import ChunkSettled, decode
from shared.ports import Delivery, Publisher, Subscription

PATIENCE_SECONDS = 60

Eventually = Callable[[Callable[[], Awaitable[object]]], Awaitable[None]]


def settled(number: int) -> ChunkSettled:
    """A message that differs from the others by its count."""
    return ChunkSettled(batch_id="b", generation=0, settled_chunks=number)


def number_of(delivery: Delivery) -> int:
    """Which message of `settled` this is."""
    message = decode(delivery.body)
    assert isinstance(message, ChunkSettled)
    return message.settled_chunks


async def take(subscription: Subscription) -> Delivery:
    """The next delivery, within a deadline."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        delivery = await subscription.next()
    assert delivery is not None
    return delivery


async def publish_patiently(publisher: Publisher, number: int) -> None:
    """Publish as services do: again until it is confirmed."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                return await publisher.publish(settled(number))
            except BrokerUnavailableError:
                continue

"""Numbered messages to publish, take and miss."""

import asyncio
from collections.abc import Awaitable, Callable

from shared.errors import BrokerUnavailableError
from shared.messaging.encoding import decode
from shared.messaging.messages import ChunkReady
from shared.messaging.topology import CHUNKS
from shared.ports import Delivery, Publisher, Subscription

PATIENCE_SECONDS = 60

Eventually = Callable[[Callable[[], Awaitable[object]]], Awaitable[None]]


NUMBERED = CHUNKS["normal"]
"""The queue that the numbered messages reach."""


def numbered(number: int) -> ChunkReady:
    """A message that differs from the others by its chunk."""
    return ChunkReady(batch_id="b", chunk=number)


def number_of(delivery: Delivery) -> int:
    """Which message of `numbered` this is."""
    message = decode(delivery.body)
    assert isinstance(message, ChunkReady)
    return message.chunk


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
                return await publisher.publish(numbered(number))
            except BrokerUnavailableError:
                continue

"""A consumer of one RabbitMQ queue that reads ahead into a buffer of its own and survives lost connections."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue

from shared.adapters.rabbitmq.connection import CLOSE_SECONDS, Connection
from shared.adapters.rabbitmq.consumer import Consumer
from shared.adapters.rabbitmq.delivery import PublishDeadLetter, RabbitDelivery
from shared.adapters.rabbitmq.driver_errors import translated
from shared.adapters.rabbitmq.recovering_channel import RecoveringChannel
from shared.errors import BrokerUnavailableError
from shared.ports import Delivery
from shared.running.lifecycle import Readiness

SUBSCRIBE_SECONDS = 60.0
"""How long starting to consume may take. There was a broker a moment ago, so the supervisor is not troubled at once."""


@dataclass
class RabbitSubscription:
    """A `Subscription`. The driver only fills the buffer, so losing a channel cannot cancel work on a delivery."""

    declare: Callable[[AbstractChannel], Awaitable[AbstractQueue]]
    prefetch: int
    dead_letter: PublishDeadLetter
    no_ack: bool = False
    """Whether the broker forgets deliveries once they are sent."""
    may_stand_by: bool = False
    """Whether another consumer may be served in its place."""
    _buffer: asyncio.Queue[RabbitDelivery | None] = field(default_factory=asyncio.Queue)
    _stopping: bool = False
    _consumer: Consumer = field(init=False)
    _channel: RecoveringChannel = field(init=False)

    @asynccontextmanager
    async def running(self, connection: Connection, part: str, readiness: Readiness) -> AsyncIterator[None]:
        """Consume over the connection; at the end the channel is closed, and what is unsettled goes back."""
        self._channel = RecoveringChannel(connection, part, self._consume, lambda _: self._consumer.watch(), readiness)
        async with self._channel.kept_open(SUBSCRIBE_SECONDS):
            yield

    async def next(self) -> Delivery | None:
        """Skips what has gone back to the broker because its channel has died."""
        while (delivery := await self._buffer.get()) is not None:
            if delivery.is_alive:
                return delivery
        self._buffer.put_nowait(None)  # for the next call
        return None

    async def ack_through(self, delivery: Delivery) -> None:
        """Earlier deliveries of channels that have died are left to their redelivery."""
        if isinstance(delivery, RabbitDelivery):
            await delivery.ack_through()

    async def stop(self) -> None:
        self._stopping = True
        with contextlib.suppress(BrokerUnavailableError), translated("stop consuming"):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._consumer.stop()
        while not self._buffer.empty():
            if (delivery := self._buffer.get_nowait()) is not None:
                await delivery.hand_back()
        self._buffer.put_nowait(None)

    async def _consume(self, channel: AbstractChannel) -> None:
        """Set up one channel: called again for each new one."""
        await channel.set_qos(prefetch_count=self.prefetch)
        queue = await self.declare(channel)
        consumer = Consumer(channel, queue, self.prefetch, may_stand_by=self.may_stand_by)

        async def take(message: AbstractIncomingMessage) -> None:
            delivery = RabbitDelivery(message, consumer.unacked, self.dead_letter)
            if self.no_ack:
                consumer.unacked.take(delivery.tag)  # there is nothing left to settle
            if not self._stopping:
                self._buffer.put_nowait(delivery)
                return
            # Given back earlier it would come again at once, and again, until its deliveries are used up.
            await consumer.wait_until_ended()
            await delivery.hand_back()

        # The broker ends a consumer without closing its channel, such as when the queue is deleted.
        underlay = await channel.get_underlay_channel()
        underlay.on_consumer_cancel_callbacks.add(
            lambda _: self._channel.give_up(channel, f"the broker has ended the consumer of {queue.name}")
        )
        self._consumer = consumer
        if not self._stopping:
            await consumer.start(take, no_ack=self.no_ack)
        if self._stopping:  # `stop` may have come meanwhile, when there was nothing to stop yet
            await consumer.stop()

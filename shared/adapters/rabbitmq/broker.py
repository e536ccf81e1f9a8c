"""Opens RabbitMQ for one service: a connection to publish, another to consume."""

import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import structlog
from aio_pika.abc import AbstractIncomingMessage
from aio_pika.exceptions import ChannelNotFoundEntity

from shared.adapters.rabbitmq.administration import Administration
from shared.adapters.rabbitmq.connection import Connection
from shared.adapters.rabbitmq.declarations import declare_progress_queue, declare_topology, declare_work_queue
from shared.adapters.rabbitmq.publisher_watch import PublisherWatch
from shared.adapters.rabbitmq.publishing import PUBLISH_SECONDS, RabbitPublisher
from shared.adapters.rabbitmq.recovering_channel import RecoveringChannel
from shared.adapters.rabbitmq.subscription import RabbitSubscription
from shared.messaging.topology import PROGRESS_PREFETCH, Queue
from shared.ports import Subscription
from shared.running.lifecycle import Readiness

log = structlog.get_logger()

START_SECONDS = 10.0
"""How long opening waits for a connection before it fails."""

PUBLISH = "publish"
"""What the readiness calls publishing."""


class RabbitSubscriber:
    """A `Subscriber`; each subscription has a channel of its own."""

    def __init__(self, connection: Connection, publisher: RabbitPublisher, readiness: Readiness) -> None:
        self._connection = connection
        self._publisher = publisher
        self._readiness = readiness

    @asynccontextmanager
    async def subscribe(self, queue: Queue, prefetch: int) -> AsyncIterator[Subscription]:
        """Raises `BrokerUnavailableError` if consuming cannot be started."""

        async def dead_letter(message: AbstractIncomingMessage, reason: str) -> None:
            await self._publisher.publish_dead_letter(queue, message.body, message.message_id, reason)

        declare = partial(declare_work_queue, queue=queue)
        subscription = RabbitSubscription(declare, prefetch, dead_letter, may_stand_by=queue.has_one_consumer)
        async with subscription.running(self._connection, f"consume {queue.name}", self._readiness):
            yield subscription

    @asynccontextmanager
    async def subscribe_progress(self) -> AsyncIterator[Subscription]:
        """An unreadable hint is dropped: people have no use for it."""

        async def drop(_message: AbstractIncomingMessage, reason: str) -> None:
            log.warning("progress_hint_dropped", reason=reason)

        subscription = RabbitSubscription(declare_progress_queue, PROGRESS_PREFETCH, drop, no_ack=True)
        async with subscription.running(self._connection, "consume progress", self._readiness):
            yield subscription

    async def waiting(self, queue: Queue) -> int:
        async with self._connection.lent_channel(f"count {queue.name}") as channel:
            declared = await channel.declare_queue(queue.name, passive=True)
        return declared.declaration_result.message_count or 0

    async def remove_unused(self, queue: Queue) -> None:
        for name, keeps_messages in ((queue.name, False), (queue.dead_letter_queue, True)):
            async with self._connection.lent_channel(f"remove {name}") as channel:
                # RabbitMQ removes no quorum queue on the condition that it is unused or empty.
                try:
                    found = (await channel.declare_queue(name, passive=True)).declaration_result
                except ChannelNotFoundEntity:
                    continue
                if not (found.consumer_count or (keeps_messages and found.message_count)):
                    await channel.queue_delete(name)
                    log.info("queue_removed", queue=name, messages=found.message_count)


class RabbitBroker:
    """RabbitMQ as one service sees it."""

    def __init__(self, publisher: RabbitPublisher, subscriber: RabbitSubscriber, to_administer: Connection) -> None:
        self.publisher = publisher
        self.subscriber = subscriber
        administration = Administration(to_administer)
        self.queue_depths = administration.queue_depths
        self.dead_letters = administration.dead_letters


@asynccontextmanager
async def open_broker(
    url: str, service: str, readiness: Readiness, *, publish_seconds: float = PUBLISH_SECONDS
) -> AsyncIterator[RabbitBroker]:
    """Connect a service to RabbitMQ, declare the topology, and connect again after each loss.

    `readiness` says when a connection is lost or RabbitMQ refuses messages. Raises `BrokerUnavailableError` if no
    connection can be opened.
    """
    # The management UI shows this name, such as "darkroom worker web-1-4711 publish".
    process = f"{socket.gethostname()}-{os.getpid()}"
    # Two connections: RabbitMQ stops reading from a blocked publisher, and acks on it would wait as well. The third is
    # opened once a person wants to know something.
    to_publish, to_consume, to_administer = (
        Connection(url, f"darkroom {service} {process} {purpose}") for purpose in ("publish", "consume", "administer")
    )
    watch = PublisherWatch(to_publish, PUBLISH, readiness).watch
    channel = RecoveringChannel(to_publish, PUBLISH, declare_topology, watch, readiness)
    try:
        async with channel.kept_open(START_SECONDS):
            publisher = RabbitPublisher(to_publish, channel, publish_seconds)
            yield RabbitBroker(publisher, RabbitSubscriber(to_consume, publisher, readiness), to_administer)
    finally:
        await to_administer.close()
        await to_consume.close()
        await to_publish.close()

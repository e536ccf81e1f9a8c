"""Sends messages to RabbitMQ: persistent, mandatory, confirmed, and many at a time over one channel."""

import asyncio

import structlog
from aio_pika import DeliveryMode
from aio_pika import Message as Envelope
from aio_pika.exceptions import PublishError

from shared.adapters.rabbitmq.connection import Connection
from shared.adapters.rabbitmq.driver_errors import translated
from shared.adapters.rabbitmq.publisher_watch import REFUSED
from shared.adapters.rabbitmq.recovering_channel import RecoveringChannel
from shared.errors import BrokerUnavailableError
from shared.messaging.encoding import encode
from shared.messaging.messages import BatchProgressed, Message
from shared.messaging.topology import DEAD, EVENTS, PROGRESS, REASON_HEADER, RETRY, RETRY_STEP_HEADER, Queue, RetryStep
from shared.running.backoff import Backoff
from shared.running.clock import utc_now

log = structlog.get_logger()

PUBLISH_SECONDS = 10.0
"""Longest that one publish may take, with all its attempts."""

WINDOW = 200
"""Publishes under way at a time; more than some 100 bring no more throughput."""

FIRST_PAUSE_SECONDS = 0.05
MAX_PAUSE_SECONDS = 1.0


class RabbitPublisher:
    """A `Publisher`. What fails is tried again until its time is up: duplicates are harmless, losses are not.

    While RabbitMQ refuses messages nothing is sent, so that nothing piles up in sockets: the caller waits, and after
    its time has the message still in hand.
    """

    def __init__(self, connection: Connection, channel: RecoveringChannel, publish_seconds: float) -> None:
        self._connection = connection
        self._channel = channel
        self._publish_seconds = publish_seconds
        self._window = asyncio.Semaphore(WINDOW)

    async def publish(self, message: Message) -> None:
        """Takes at most the time given, waiting for a place in the window included."""
        if isinstance(message, BatchProgressed):
            hint = _envelope(message, DeliveryMode.NOT_PERSISTENT)
            await self._send(PROGRESS, "", hint, mandatory=False)
        else:
            await self._send(EVENTS, message.routing_key, _envelope(message))

    async def publish_later(self, message: Message, step: RetryStep) -> None:
        envelope = _envelope(message)
        envelope.headers[RETRY_STEP_HEADER] = step.name
        await self._send(RETRY, message.routing_key, envelope)

    async def publish_dead_letter(self, queue: Queue, body: bytes, message_id: str | None, reason: str) -> None:
        """Put bytes taken from the queue where people look for them, with the reason in a header."""
        envelope = Envelope(
            body,
            content_type="application/json",
            delivery_mode=DeliveryMode.PERSISTENT,
            message_id=message_id or "unknown",  # the driver finds a returned message by its id
            timestamp=utc_now(),
            headers={REASON_HEADER: reason},
        )
        await self._send(DEAD, queue.name, envelope)

    async def _send(self, exchange: str, key: str, envelope: Envelope, *, mandatory: bool = True) -> None:
        backoff = Backoff(first_seconds=FIRST_PAUSE_SECONDS, max_seconds=MAX_PAUSE_SECONDS)
        problem: BrokerUnavailableError | None = None
        try:
            async with asyncio.timeout(self._publish_seconds), self._window:
                while True:
                    try:
                        await self._send_once(exchange, key, envelope, mandatory=mandatory)
                    except BrokerUnavailableError as error:
                        problem = error
                        log.debug("publish_tried", message_id=envelope.message_id, problem=str(error))
                    else:
                        return
                    await backoff.pause()
        except TimeoutError as error:
            detail = str(problem or "no answer")
            raise BrokerUnavailableError(f"not confirmed within {self._publish_seconds:g} s: {detail}") from error

    async def _send_once(self, exchange: str, key: str, envelope: Envelope, *, mandatory: bool) -> None:
        channel = await self._channel.current()
        if await self._connection.is_blocked():
            raise BrokerUnavailableError(REFUSED)
        with translated(f"publish {envelope.message_id}"):
            target = await channel.get_exchange(exchange, ensure=False)
            try:
                await target.publish(envelope, key, mandatory=mandatory)
            except PublishError:
                # A queue is missing that was there when this channel was set up: the next one declares it again.
                self._channel.give_up(channel, "a queue is missing")
                raise


def _envelope(message: Message, delivery_mode: DeliveryMode = DeliveryMode.PERSISTENT) -> Envelope:
    return Envelope(
        encode(message),
        content_type="application/json",
        delivery_mode=delivery_mode,
        message_id=message.message_id,
        type=message.type,
    )

"""Messages that could not be read or finished, for people to look at, send again or throw away."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from aio_pika import DeliveryMode
from aio_pika import Message as Envelope
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from shared.adapters.rabbitmq.connection import Connection
from shared.messaging.topology import REASON_HEADER, Queue
from shared.ports import DeadLetter

WORK_SECONDS = 30.0
"""Longest that one call may take; what it has taken and not settled goes back then."""

MAX_TAKEN_BYTES = 32 * 1024 * 1024
"""Letters held at a time. A stranger's message may have megabytes; more letters than fit are left to another call."""


class RabbitDeadLetters:
    """A `DeadLetters`, over a connection that others neither publish nor consume on."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def show(self, queue: Queue, limit: int) -> Sequence[DeadLetter]:
        async with self._connection.lent_channel(f"show dead letters of {queue.name}", WORK_SECONDS) as channel:
            taken = await _take(channel, queue, limit)
            # All at the end: one that is given back earlier would be taken again.
            for message in taken:
                await message.nack(requeue=True)
            return [_letter(message) for message in taken]

    async def replay(self, queue: Queue, limit: int, ids: Collection[str] | None = None) -> int:
        """Each is confirmed in its queue before it is removed here."""
        async with self._connection.lent_channel(f"replay dead letters of {queue.name}", WORK_SECONDS) as channel:
            chosen = await _choose(channel, queue, limit, ids)
            for message in chosen:
                again = Envelope(
                    message.body,
                    content_type=message.content_type,
                    delivery_mode=DeliveryMode.PERSISTENT,
                    message_id=message.message_id,
                    type=message.type,
                )
                # Mandatory: without its queue the message stays a dead letter.
                await channel.default_exchange.publish(again, queue.name, mandatory=True)
                await message.ack()
            return len(chosen)

    async def drop(self, queue: Queue, limit: int, ids: Collection[str] | None = None) -> int:
        async with self._connection.lent_channel(f"drop dead letters of {queue.name}", WORK_SECONDS) as channel:
            chosen = await _choose(channel, queue, limit, ids)
            for message in chosen:
                await message.ack()
            return len(chosen)


async def _take(channel: AbstractChannel, queue: Queue, limit: int) -> list[AbstractIncomingMessage]:
    taken: list[AbstractIncomingMessage] = []
    source = await channel.get_queue(queue.dead_letter_queue, ensure=False)
    size = 0
    while len(taken) < limit and size < MAX_TAKEN_BYTES and (message := await source.get(fail=False)) is not None:
        taken.append(message)
        size += len(message.body)
    return taken


async def _choose(
    channel: AbstractChannel, queue: Queue, limit: int, ids: Collection[str] | None
) -> list[AbstractIncomingMessage]:
    taken = await _take(channel, queue, limit)
    # Those that are not meant go back with the channel.
    return [message for message in taken if ids is None or _letter(message).id in ids]


def _letter(message: AbstractIncomingMessage) -> DeadLetter:
    return DeadLetter(message.body, _reason(message), _died_at(message))


def _reason(message: AbstractIncomingMessage) -> str:
    said = message.headers.get(REASON_HEADER)
    if said is not None:
        return str(said)
    deaths = message.headers.get("x-death")
    if isinstance(deaths, list) and deaths and isinstance(deaths[0], dict):
        # RabbitMQ's own words, such as delivery_limit.
        return str(deaths[0].get("reason", "unknown"))
    return "unknown"


def _died_at(message: AbstractIncomingMessage) -> datetime | None:
    deaths = message.headers.get("x-death")
    if isinstance(deaths, list) and deaths and isinstance(deaths[0], dict):
        died_at = deaths[0].get("time")
    else:
        died_at = message.timestamp
    return died_at.astimezone(UTC) if isinstance(died_at, datetime) else None

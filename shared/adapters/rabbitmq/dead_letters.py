"""Messages that could not be read or finished, for people to look at, send again or throw away."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aio_pika import DeliveryMode
from aio_pika import Message as Envelope
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from shared.adapters.rabbitmq.connection import Connection
from shared.adapters.rabbitmq.declarations import declare_topology
from shared.adapters.rabbitmq.driver_errors import translated
from shared.messaging.topology import REASON_HEADER, Queue, work_queues


@dataclass(frozen=True)
class DeadLetter:
    """One message that ended in a `.dead` queue: why, and its bytes as they came."""

    message_id: str
    reason: str
    body: bytes


class DeadLetterQueues:
    """The dead-letter queues of a broker. What is taken and not settled goes back when the channel closes."""

    def __init__(self, channel: AbstractChannel) -> None:
        self._channel = channel

    async def counts(self) -> dict[str, int]:
        """How many dead letters each work queue has."""
        found = {}
        with translated("count dead letters"):
            for queue in work_queues():
                declared = await self._channel.declare_queue(queue.dead_letter_queue, passive=True)
                found[queue.name] = declared.declaration_result.message_count or 0
        return found

    async def show(self, queue: Queue, limit: int) -> Sequence[DeadLetter]:
        """Some dead letters of a queue; they stay in it, but RabbitMQ may put them behind those not shown."""
        taken = await self._take(queue, limit)
        # All at the end: one that is given back earlier would be taken again.
        with translated("give dead letters back"):
            for message in taken:
                await message.nack(requeue=True)
        return [DeadLetter(message.message_id or "", _reason(message), message.body) for message in taken]

    async def replay(self, queue: Queue, limit: int) -> int:
        """Send the first dead letters to the queue that they came from; answers how many.

        Each is confirmed there before it is removed here, so a crash in between repeats it, which handlers survive.
        """
        taken = await self._take(queue, limit)
        with translated("replay dead letters"):
            for message in taken:
                again = Envelope(
                    message.body,
                    content_type=message.content_type,
                    delivery_mode=DeliveryMode.PERSISTENT,
                    message_id=message.message_id,
                    type=message.type,
                )
                # Mandatory: without its queue the message stays a dead letter.
                await self._channel.default_exchange.publish(again, queue.name, mandatory=True)
                await message.ack()
        return len(taken)

    async def drop(self, queue: Queue, limit: int) -> int:
        """Remove the first dead letters for good; answers how many."""
        taken = await self._take(queue, limit)
        with translated("drop dead letters"):
            for message in taken:
                await message.ack()
        return len(taken)

    async def _take(self, queue: Queue, limit: int) -> list[AbstractIncomingMessage]:
        taken: list[AbstractIncomingMessage] = []
        with translated("take dead letters"):
            source = await self._channel.get_queue(queue.dead_letter_queue, ensure=False)
            while len(taken) < limit and (message := await source.get(fail=False)) is not None:
                taken.append(message)
        return taken


@asynccontextmanager
async def open_dead_letters(url: str) -> AsyncIterator[DeadLetterQueues]:
    """Connect a person to a broker's dead letters; raises `BrokerUnavailableError`."""
    link = Connection(url, "darkroom dead letters")
    try:
        channel = await link.channel()
        with translated("declare the topology"):
            await declare_topology(channel)
        yield DeadLetterQueues(channel)
    finally:
        await link.close()


def _reason(message: AbstractIncomingMessage) -> str:
    said = message.headers.get(REASON_HEADER)
    if said is not None:
        return str(said)
    deaths = message.headers.get("x-death")
    if isinstance(deaths, list) and deaths and isinstance(deaths[0], dict):
        # RabbitMQ's own words, such as delivery_limit.
        return str(deaths[0].get("reason", "unknown"))
    return "unknown"

"""What services need of the message broker."""

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from shared.messaging.messages import Message
from shared.messaging.topology import Queue, RetryStep


class Publisher(Protocol):
    """Sends messages."""

    async def publish(self, message: Message) -> None:
        """Send to whom it may concern; on return the broker has made it durable (hints are not durable).

        Raises `BrokerUnavailableError` if the broker has not confirmed in time; the message may still arrive.
        """

    async def publish_later(self, message: Message, step: RetryStep) -> None:
        """The same, delivered only after the step's delay."""


class Delivery(Protocol):
    """One message in this consumer's hands."""

    @property
    def body(self) -> bytes:
        """The message as bytes."""

    async def ack(self) -> None:
        """Done with: the broker may forget it. A delivery whose connection has died is left to its redelivery."""

    async def hand_back(self) -> None:
        """Not handled: another delivery, which says nothing against the message.

        RabbitMQ counts it towards the delivery limit all the same before 4.3.
        """

    async def reject(self) -> None:
        """Handling failed: another delivery, unless the message has come too often; then it is a dead letter."""

    async def dead_letter(self, reason: str) -> None:
        """Put it, with the reason, into the dead-letter queue, which people look through."""


class Subscription(Protocol):
    """A running consumer of one queue."""

    async def next(self) -> Delivery | None:
        """The next delivery; None after `stop`, once nothing more will come."""

    async def ack_through(self, delivery: Delivery) -> None:
        """Ack this delivery and every earlier one of this subscription, in one go."""

    async def stop(self) -> None:
        """Take no more: what was read ahead but not handed out goes back; what is in hand can still be acked."""


class Subscriber(Protocol):
    """Receives messages."""

    def subscribe(self, queue: Queue, prefetch: int) -> AbstractAsyncContextManager[Subscription]:
        """Consume a queue with at most `prefetch` unacknowledged deliveries; recovers lost connections by itself."""

    def subscribe_progress(self) -> AbstractAsyncContextManager[Subscription]:
        """Consume every `BatchProgressed` from now on, in a queue of this subscription alone.

        Its deliveries need not be settled: each is gone from the queue once it was sent.
        """

    async def waiting(self, queue: Queue) -> int:
        """How many messages of the queue are ready and not delivered."""

    async def remove_unused(self, queue: Queue) -> None:
        """Remove a queue that nothing consumes with what waits in it, and that of its dead letters if it is empty."""


@dataclass(frozen=True)
class QueueDepth:
    """A work queue at a moment: messages that are ready and not delivered, who consumes it, and its dead letters."""

    queue: Queue
    ready: int
    consumers: int
    dead_letters: int


@dataclass(frozen=True)
class DeadLetter:
    """A message that could not be read or finished: its bytes as they came, why it was given up, and when if known."""

    body: bytes
    reason: str
    died_at: datetime | None = None

    @property
    def id(self) -> str:
        """A name made of the body: it stays wherever the letter is, and is the same for copies of one message."""
        return sha256(self.body).hexdigest()[:24]


class QueueDepths(Protocol):
    """How much is waiting."""

    async def depths(self) -> Sequence[QueueDepth]:
        """Every work queue, in the order of the flow."""


class DeadLetters(Protocol):
    """Messages that were given up, for people to look at, send again or throw away.

    Two calls at once get different letters. With `ids`, only letters with these ids are meant, of the first
    `limit` that the queue has.
    """

    async def show(self, queue: Queue, limit: int) -> Sequence[DeadLetter]:
        """Some dead letters of a queue; they stay in it, but may be behind those not shown afterwards."""

    async def replay(self, queue: Queue, limit: int, ids: Collection[str] | None = None) -> int:
        """Send the first dead letters to the queue that they came from; answers how many.

        A crash in between repeats one, which handlers survive.
        """

    async def drop(self, queue: Queue, limit: int, ids: Collection[str] | None = None) -> int:
        """Remove the first dead letters for good; answers how many."""

"""What services need of the message broker."""

from contextlib import AbstractAsyncContextManager
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

    async def requeue(self) -> None:
        """Hand it back for another delivery."""

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
        """Consume every `BatchProgressed` from now on, in a queue of this subscription alone."""

    async def waiting(self, queue: Queue) -> int:
        """How many messages of the queue are ready and not delivered."""

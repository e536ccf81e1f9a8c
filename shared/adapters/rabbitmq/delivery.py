"""One message from RabbitMQ as it is delivered, and what its channel still expects an answer for."""

from collections.abc import Awaitable, Callable

import structlog
from aio_pika.abc import AbstractIncomingMessage

from shared.adapters.rabbitmq.driver_errors import DRIVER_ERRORS, translated
from shared.errors import BrokerUnavailableError

log = structlog.get_logger()

PublishDeadLetter = Callable[[AbstractIncomingMessage, str], Awaitable[None]]
"""Puts a message, with the reason, where people look for it."""


class UnackedDeliveries:
    """The unsettled deliveries of one channel by delivery tag, in the order in which they came.

    RabbitMQ closes a channel that settles a delivery twice, so it is taken from here before it is settled.
    """

    def __init__(self) -> None:
        self._messages: dict[int, AbstractIncomingMessage] = {}
        self.entered = 0
        """How many deliveries have come so far."""

    def __len__(self) -> int:
        """How many of them are unsettled."""
        return len(self._messages)

    def enter(self, message: AbstractIncomingMessage) -> int:
        """Note a new delivery; answers its tag."""
        tag = message.delivery_tag or 0
        self._messages[tag] = message
        self.entered += 1
        return tag

    def take(self, tag: int) -> AbstractIncomingMessage | None:
        """The delivery if it is still unsettled, to be settled by the caller."""
        return self._messages.pop(tag, None)

    def take_through(self, tag: int) -> AbstractIncomingMessage | None:
        """Take all unsettled deliveries up to the tag; answers the last, which stands for all of them."""
        last = None
        while self._messages and (first := next(iter(self._messages))) <= tag:
            last = self._messages.pop(first)
        return last


class RabbitDelivery:
    """A `Delivery`."""

    def __init__(
        self, message: AbstractIncomingMessage, unacked: UnackedDeliveries, dead_letter: PublishDeadLetter
    ) -> None:
        self._message = message
        self._unacked = unacked
        self._dead_letter = dead_letter
        self.tag = unacked.enter(message)

    @property
    def body(self) -> bytes:
        return self._message.body

    @property
    def is_alive(self) -> bool:
        """Whether its channel is open; if not, the broker delivers the message again."""
        try:
            return self._message.channel is not None
        except DRIVER_ERRORS:
            return False

    async def ack(self) -> None:
        if message := self._unacked.take(self.tag):
            await _settle(message.ack())

    async def ack_through(self) -> None:
        """Ack this delivery and every earlier one of its channel."""
        if last := self._unacked.take_through(self.tag):
            await _settle(last.ack(multiple=True))

    async def hand_back(self) -> None:
        if message := self._unacked.take(self.tag):
            await _settle(message.nack(requeue=True))

    async def reject(self) -> None:
        # Since 4.3, RabbitMQ counts only rejected and lost deliveries towards the limit, and no nack.
        if message := self._unacked.take(self.tag):
            await _settle(message.reject(requeue=True))

    async def dead_letter(self, reason: str) -> None:
        """Only once the copy is confirmed is the original acked."""
        await self._dead_letter(self._message, reason)
        await self.ack()


async def _settle(answer: Awaitable[None]) -> None:
    try:
        with translated("settle a delivery"):
            await answer
    except BrokerUnavailableError as error:
        log.debug("delivery_left_to_redelivery", problem=str(error))

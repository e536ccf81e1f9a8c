"""What a delivery answers RabbitMQ; tests/contract/broker shows what becomes of it on the versions at hand."""

from typing import cast

import pytest
from aio_pika.abc import AbstractIncomingMessage

from shared.adapters.rabbitmq.delivery import RabbitDelivery, UnackedDeliveries


class FakeMessage:
    """One delivery of the driver."""

    delivery_tag, body = 1, b"{}"

    def __init__(self) -> None:
        self.settled: list[str] = []

    async def nack(self, *, requeue: bool) -> None:
        """Note it."""
        self.settled.append(f"nack, requeue {requeue}")

    async def reject(self, *, requeue: bool) -> None:
        """Note it."""
        self.settled.append(f"reject, requeue {requeue}")


async def dead_letter(message: AbstractIncomingMessage, reason: str) -> None:
    """Fail: nothing here is a dead letter."""
    raise AssertionError(message, reason)


@pytest.mark.parametrize("verb", ["reject", "hand_back"])
async def test_a_failure_is_rejected_and_a_hand_back_is_not(verb: str) -> None:
    """Since RabbitMQ 4.3 only what is rejected counts towards the delivery limit: with a nack it would have no end."""
    message = FakeMessage()
    delivery = RabbitDelivery(cast("AbstractIncomingMessage", message), UnackedDeliveries(), dead_letter)
    await getattr(delivery, verb)()
    await getattr(delivery, verb)()
    assert message.settled == [{"reject": "reject, requeue True", "hand_back": "nack, requeue True"}[verb]]

"""Consuming broken on purpose: acknowledging before anybody has handled the message."""

from typing import Any

from shared.ports import Delivery, Subscription
from shared.running.consuming import consume_each, consume_in_batches


class AckingFirst:
    """A `Subscription` that acknowledges each delivery before anybody has handled it."""

    def __init__(self, subscription: Subscription) -> None:
        self._subscription = subscription

    async def next(self) -> Delivery | None:
        """See `Subscription`."""
        delivery = await self._subscription.next()
        if delivery is not None:
            await delivery.ack()
        return delivery

    async def ack_through(self, delivery: Delivery) -> None:
        """See `Subscription`."""
        await self._subscription.ack_through(delivery)

    async def stop(self) -> None:
        """See `Subscription`."""
        await self._subscription.stop()


async def each_acked_first(subscription: Subscription, *rest: Any, **options: Any) -> None:
    """`consume_each`, but acknowledging first."""
    await consume_each(AckingFirst(subscription), *rest, **options)


async def batches_acked_first(subscription: Subscription, *rest: Any, **options: Any) -> None:
    """`consume_in_batches`, but acknowledging first."""
    await consume_in_batches(AckingFirst(subscription), *rest, **options)

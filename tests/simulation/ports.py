"""The broker as one simulated process reaches it: every call goes through its `Life`, where anything may happen."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

from shared.adapters.memory_broker import _MemoryDelivery, _MemorySubscription
from shared.messaging.messages import Message
from shared.messaging.topology import Queue, RetryStep
from shared.ports import (
    Delivery,
    Subscription,
)
from tests.simulation.ledger import Ledger
from tests.simulation.lives import Life


class SimulatedPublisher:
    """A `Publisher`."""

    def __init__(self, life: Life, ledger: Ledger) -> None:
        self._life = life
        self._ledger = ledger

    async def publish(self, message: Message) -> None:
        """See `Publisher`."""
        await self._send(message, partial(self._life.broker.accept, message))

    async def publish_later(self, message: Message, step: RetryStep) -> None:
        """See `Publisher`."""
        await self._send(message, partial(self._life.broker.accept_later, message, step))

    async def _send(self, message: Message, accept: Callable[[], Awaitable[None]]) -> None:
        async def effect() -> None:
            self._ledger.published(self._life, message)
            await accept()

        await self._life.reach("broker", f"publish {message.message_id}", effect)


class SimulatedSubscriber:
    """A `Subscriber` without the progress hints, which no simulated service listens to."""

    def __init__(self, life: Life, ledger: Ledger) -> None:
        self._life = life
        self._ledger = ledger

    @asynccontextmanager
    async def subscribe(self, queue: Queue, prefetch: int) -> AsyncIterator[Subscription]:
        """See `Subscriber`."""
        life = self._life

        async def begin() -> _MemorySubscription:
            subscription = life.broker.consume(queue, prefetch)
            life.subscriptions.append(subscription)
            return subscription

        subscription = await life.reach("broker", f"subscribe {queue.name}", begin)
        try:
            yield SimulatedSubscription(life, self._ledger, subscription)
        finally:
            if not life.crashed:
                life.broker.leave(subscription)

    def subscribe_progress(self) -> AbstractAsyncContextManager[Subscription]:
        """See `Subscriber`."""
        raise NotImplementedError  # nobody watches progress in the simulation

    async def waiting(self, queue: Queue) -> int:
        """See `Subscriber`."""
        return await self._life.reach("broker", f"waiting {queue.name}", partial(self._life.broker.waiting, queue))

    async def remove_unused(self, queue: Queue) -> None:
        """See `Subscriber`."""
        await self._life.reach("broker", f"remove {queue.name}", partial(self._life.broker.remove_unused, queue))


class SimulatedSubscription:
    """A `Subscription` whose acknowledgements are judged."""

    def __init__(self, life: Life, ledger: Ledger, inner: _MemorySubscription) -> None:
        self._life = life
        self._ledger = ledger
        self._inner = inner

    async def next(self) -> Delivery | None:
        """See `Subscription`."""
        delivery = await self._inner.next()
        return SimulatedDelivery(self, delivery) if isinstance(delivery, _MemoryDelivery) else None

    async def ack_through(self, delivery: Delivery) -> None:
        """See `Subscription`."""
        if isinstance(delivery, SimulatedDelivery):
            unsettled = self._inner._unsettled
            await self.settle([d for number, d in unsettled.items() if number <= delivery.inner.number])

    async def settle(self, deliveries: list[_MemoryDelivery]) -> None:
        """Acknowledge what the broker still thinks is here."""

        async def effect() -> None:
            for delivery in deliveries:
                if delivery.number in self._inner._unsettled:
                    self._ledger.acknowledged(self._life, delivery.body)
                    await delivery.ack()

        await self.reach("ack", effect, partial(self._return, deliveries))

    async def reach(
        self, what: str, effect: Callable[[], Awaitable[None]], when_lost: Callable[[], Awaitable[None]]
    ) -> None:
        """Settle something. The process may crash before or after; if the connection breaks, nobody here is told."""
        life = self._life
        await life.thawed()
        fault = life.chance.fault(life.name, "broker", what)
        if fault == "crash before":
            life.crash("crashes there")
            raise asyncio.CancelledError
        await (when_lost() if fault == "error before" else effect())
        if fault == "crash after":
            life.crash("crashes there")
            raise asyncio.CancelledError

    async def _return(self, deliveries: list[_MemoryDelivery]) -> None:
        for delivery in reversed(deliveries):
            await delivery.reject()

    async def stop(self) -> None:
        """See `Subscription`."""
        await self._life.thawed()
        await self._inner.stop()


class SimulatedDelivery:
    """A `Delivery`."""

    def __init__(self, subscription: SimulatedSubscription, inner: _MemoryDelivery) -> None:
        self.inner = inner
        self._subscription = subscription

    @property
    def body(self) -> bytes:
        """See `Delivery`."""
        return self.inner.body

    async def ack(self) -> None:
        """See `Delivery`."""
        await self._subscription.settle([self.inner])

    async def hand_back(self) -> None:
        """See `Delivery`."""
        await self._subscription.reach("hand-back", self.inner.hand_back, self.inner.reject)

    async def reject(self) -> None:
        """See `Delivery`."""
        await self._subscription.reach("reject", self.inner.reject, self.inner.reject)

    async def dead_letter(self, reason: str) -> None:
        """See `Delivery`."""
        await self._subscription.reach("dead-letter", partial(self.inner.dead_letter, reason), self.inner.reject)

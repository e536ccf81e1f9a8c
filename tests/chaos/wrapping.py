"""A service's ports with a crash point before and after every call."""

import dataclasses
import inspect
import random
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from shared.messaging.messages import Message
from shared.messaging.topology import Queue
from shared.ports import Delivery, Ports, Publisher, Subscriber, Subscription
from tests.chaos.orders import Obedience

REMEMBERED_MESSAGES = 50
"""Of these older messages one is published again at random, together with a duplicate of the newest."""


class Wrapped:
    """Any port; calls that are coroutines get their two points, the rest goes straight through."""

    def __init__(self, inner: Any, port: str, obedience: Obedience) -> None:
        self.inner = inner
        self._port = port
        self._obedience = obedience

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inner, name)
        return self._between_points(name, found) if inspect.iscoroutinefunction(found) else found

    def _between_points(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        async def called(*arguments: Any, **options: Any) -> Any:
            self._obedience.pass_by(f"{self._port}.{name} before")
            result = await call(*arguments, **options)
            self._obedience.pass_by(f"{self._port}.{name} after")
            return result

        setattr(self, name, called)  # the next time, it is found without being made again
        return called


class WrappedPublisher(Wrapped):
    """Publishes some messages twice, and with them one that was published a while ago."""

    inner: Publisher

    def __init__(self, inner: Publisher, obedience: Obedience) -> None:
        super().__init__(inner, "publisher", obedience)
        self._older: deque[Message] = deque(maxlen=REMEMBERED_MESSAGES)

    async def publish(self, message: Message) -> None:
        """See `Publisher`."""
        self._obedience.pass_by("publisher.publish before")
        await self.inner.publish(message)
        self._obedience.pass_by("publisher.publish after")
        self._older.append(message)
        if self._obedience.publishes_twice():
            await self.inner.publish(message)
            await self.inner.publish(random.choice(self._older))


class WrappedSubscription(Wrapped):
    """Hands out wrapped deliveries, and takes them back."""

    inner: Subscription

    async def next(self) -> Delivery | None:
        """See `Subscription`."""
        self._obedience.pass_by("subscription.next before")
        delivery = await self.inner.next()
        self._obedience.pass_by("subscription.next after")
        wrapped: Any = Wrapped(delivery, "delivery", self._obedience)
        return None if delivery is None else wrapped

    async def ack_through(self, delivery: Wrapped) -> None:
        """See `Subscription`."""
        self._obedience.pass_by("subscription.ack_through before")
        await self.inner.ack_through(delivery.inner)
        self._obedience.pass_by("subscription.ack_through after")


class WrappedSubscriber(Wrapped):
    """Gives wrapped subscriptions."""

    inner: Subscriber

    def subscribe(self, queue: Queue, prefetch: int) -> AbstractAsyncContextManager[WrappedSubscription]:
        """See `Subscriber`."""
        return self._wrapped(self.inner.subscribe(queue, prefetch))

    def subscribe_progress(self) -> AbstractAsyncContextManager[WrappedSubscription]:
        """See `Subscriber`."""
        return self._wrapped(self.inner.subscribe_progress())

    @asynccontextmanager
    async def _wrapped(
        self, subscribing: AbstractAsyncContextManager[Subscription]
    ) -> AsyncIterator[WrappedSubscription]:
        async with subscribing as subscription:
            yield WrappedSubscription(subscription, "subscription", self._obedience)


def wrapped_ports(ports: Ports, obedience: Obedience) -> Ports:
    """The same ports with crash points."""
    wrapped: dict[str, Any] = {
        field.name: Wrapped(getattr(ports, field.name), field.name, obedience) for field in dataclasses.fields(ports)
    }
    wrapped["publisher"] = WrappedPublisher(ports.publisher, obedience)
    wrapped["subscriber"] = WrappedSubscriber(ports.subscriber, "subscriber", obedience)
    return Ports(**wrapped)

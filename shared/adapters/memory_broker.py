"""The broker ports within one process, after the same topology: for the embedded mode, tests and simulations.

It keeps RabbitMQ's promises: messages travel as bytes, an unacknowledged delivery comes again when its subscription
ends, and one that fails too often becomes a dead letter. Every operation costs the same however much is waiting.
"""

import asyncio
import itertools
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from shared.adapters.memory_dead_letters import MemoryDeadLetters, MemoryQueueDepths
from shared.errors import BrokerUnavailableError
from shared.messaging.encoding import encode
from shared.messaging.messages import BatchProgressed, Message
from shared.messaging.topology import (
    DEAD_DELIVERY_LIMIT,
    DELIVERY_LIMIT,
    PROGRESS_PREFETCH,
    PROGRESS_QUEUE_LENGTH,
    Queue,
    RetryStep,
    work_queues,
)
from shared.ports import DeadLetter, Delivery, Subscription
from shared.running.clock import utc_now


@dataclass(frozen=True)
class _Waiting:
    """A message in a queue, and how many of its deliveries failed."""

    body: bytes
    returns: int = 0


class MemoryQueue:
    """Messages waiting and dead ones, and the subscriptions that have room for one."""

    def __init__(self, delivery_limit: int, longest: int | None = None, *, has_one_consumer: bool = False) -> None:
        self.waiting: deque[_Waiting] = deque(maxlen=longest)
        self.dead: list[DeadLetter] = []
        """What was given up, and why: "delivery_limit", or the consumer's reason."""
        self.consumers = 0
        self._delivery_limit = delivery_limit
        self._has_one_consumer = has_one_consumer
        # In the order in which they came: the first is the one that is served where there is one at a time.
        self._served: dict[_MemorySubscription, None] = {}
        self._with_room: dict[_MemorySubscription, None] = {}

    def put(self, body: bytes) -> None:
        """Take a message, at the end."""
        self.waiting.append(_Waiting(body))
        self._hand_out()

    def put_back(self, message: _Waiting) -> None:
        """Take a failed delivery back, to the front; one return too many makes it a dead letter."""
        if message.returns >= self._delivery_limit:
            self.bury(message.body, "delivery_limit")
        else:
            self.put_in_front(replace(message, returns=message.returns + 1))

    def put_in_front(self, message: _Waiting) -> None:
        """Take a delivery back as if it had not been made."""
        self.waiting.appendleft(message)
        self._hand_out()

    def bury(self, body: bytes, reason: str) -> None:
        self.dead.append(DeadLetter(body, reason, utc_now()))

    def has_room(self, subscription: "_MemorySubscription") -> None:
        """Hand a message to this subscription in its turn."""
        self._served[subscription] = self._with_room[subscription] = None
        self._hand_out()

    def leave(self, subscription: "_MemorySubscription") -> None:
        """Hand nothing more to this subscription; another may be served from now on."""
        self._served.pop(subscription, None)
        self._with_room.pop(subscription, None)
        self._hand_out()

    def _hand_out(self) -> None:
        while self.waiting and (subscription := self._next_served()):
            del self._with_room[subscription]
            if subscription.take(self.waiting.popleft()):
                self._with_room[subscription] = None  # behind the others: they take turns

    def _next_served(self) -> "_MemorySubscription | None":
        first = next(iter(self._served if self._has_one_consumer else self._with_room), None)
        return first if first in self._with_room else None


class _MemoryDelivery:
    """A `Delivery`. Settling it again, or after its subscription has ended, does nothing."""

    def __init__(self, message: _Waiting, number: int, subscription: "_MemorySubscription") -> None:
        self.message = message
        self.number = number
        self._subscription = subscription

    @property
    def body(self) -> bytes:
        return self.message.body

    async def ack(self) -> None:
        self._subscription.settle(self)

    async def hand_back(self) -> None:
        if self._subscription.settle(self):
            self._subscription.queue.put_in_front(self.message)

    async def reject(self) -> None:
        if self._subscription.settle(self):
            self._subscription.queue.put_back(self.message)

    async def dead_letter(self, reason: str) -> None:
        if self._subscription.settle(self):
            self._subscription.queue.bury(self.body, reason)


class _MemorySubscription:
    """A `Subscription`."""

    def __init__(self, queue: MemoryQueue, prefetch: int, *, no_ack: bool = False) -> None:
        self.queue = queue
        self._prefetch = prefetch
        self._no_ack = no_ack
        self._numbers = itertools.count()
        self._unsettled: dict[int, _MemoryDelivery] = {}
        self._buffer: asyncio.Queue[_MemoryDelivery | None] = asyncio.Queue()
        self._stopped = False

    def take(self, message: _Waiting) -> bool:
        """Read a message ahead; answers whether there is room for more."""
        delivery = _MemoryDelivery(message, next(self._numbers), self)
        self._unsettled[delivery.number] = delivery
        self._buffer.put_nowait(delivery)
        return len(self._unsettled) < self._prefetch

    def settle(self, delivery: _MemoryDelivery) -> bool:
        """Strike a delivery off; answers False if it was settled already."""
        if self._unsettled.pop(delivery.number, None) is None:
            return False
        if not self._stopped:
            self.queue.has_room(self)
        return True

    async def next(self) -> Delivery | None:
        await asyncio.sleep(0)  # others get their turn even if there is always something to do here
        delivery = await self._buffer.get()
        if delivery is None:
            self._buffer.put_nowait(None)  # for the next call
        elif self._no_ack:
            self.settle(delivery)
        return delivery

    async def ack_through(self, delivery: Delivery) -> None:
        if isinstance(delivery, _MemoryDelivery):
            while self._unsettled and (first := next(iter(self._unsettled))) <= delivery.number:
                self.settle(self._unsettled[first])

    async def stop(self) -> None:
        self._stopped = True
        self.queue.leave(self)
        read_ahead = [self._buffer.get_nowait() for _ in range(self._buffer.qsize())]
        for delivery in reversed(read_ahead):  # each goes to the front, so the first goes last
            if delivery is not None:
                await delivery.hand_back()
        self._buffer.put_nowait(None)

    async def end(self) -> None:
        """Give everything back that is not settled."""
        await self.stop()
        for delivery in reversed(list(self._unsettled.values())):
            await delivery.reject()


class MemoryBroker:
    """A `Publisher` and a `Subscriber`; everything is gone with the object."""

    def __init__(self) -> None:
        self.queues = {
            queue.name: MemoryQueue(DELIVERY_LIMIT, has_one_consumer=queue.has_one_consumer) for queue in work_queues()
        }
        self._routes = {key: self.queues[queue.name] for queue in work_queues() for key in queue.routing_keys}
        self._listeners: dict[MemoryQueue, None] = {}
        # As `RabbitBroker` has them.
        self.publisher = self.subscriber = self
        self.queue_depths = MemoryQueueDepths(self.queues)
        self.dead_letters = MemoryDeadLetters(self.queues)

    async def publish(self, message: Message) -> None:
        await asyncio.sleep(0)  # as in `_MemorySubscription.next`
        if isinstance(message, BatchProgressed):
            for listener in self._listeners:
                listener.put(encode(message))
        else:
            self._route(message).put(encode(message))

    async def publish_later(self, message: Message, step: RetryStep) -> None:
        queue = self._route(message)
        asyncio.get_running_loop().call_later(step.delay_seconds, queue.put, encode(message))

    @asynccontextmanager
    async def subscribe(self, queue: Queue, prefetch: int) -> AsyncIterator[Subscription]:
        async with _subscribed(self.queues[queue.name], prefetch) as subscription:
            yield subscription

    @asynccontextmanager
    async def subscribe_progress(self) -> AsyncIterator[Subscription]:
        queue = MemoryQueue(DEAD_DELIVERY_LIMIT, longest=PROGRESS_QUEUE_LENGTH)
        self._listeners[queue] = None
        try:
            async with _subscribed(queue, PROGRESS_PREFETCH, no_ack=True) as subscription:
                yield subscription
        finally:
            del self._listeners[queue]

    async def waiting(self, queue: Queue) -> int:
        return len(self.queues[queue.name].waiting)

    async def remove_unused(self, queue: Queue) -> None:
        """Nothing is left over here from an earlier version."""

    def _route(self, message: Message) -> MemoryQueue:
        key = message.routing_key
        if key not in self._routes:
            raise BrokerUnavailableError(f"no queue takes messages of the routing key {key}")
        return self._routes[key]


@asynccontextmanager
async def _subscribed(queue: MemoryQueue, prefetch: int, *, no_ack: bool = False) -> AsyncIterator[_MemorySubscription]:
    subscription = _MemorySubscription(queue, prefetch, no_ack=no_ack)
    queue.consumers += 1
    queue.has_room(subscription)
    try:
        yield subscription
    finally:
        queue.consumers -= 1
        await subscription.end()

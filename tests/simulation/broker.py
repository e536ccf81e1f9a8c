"""The in-memory broker with a hand on it: it loses, repeats and delays messages, cuts connections and is wiped."""

import asyncio

from shared.adapters.memory_broker import MemoryBroker, MemoryQueue, _MemorySubscription
from shared.messaging.encoding import encode
from shared.messaging.messages import BatchProgressed, Message
from shared.messaging.topology import Queue, RetryStep
from tests.simulation.chance import Chance


class SimulatedBroker(MemoryBroker):
    """A `MemoryBroker` that does to messages what `Chance` says. Its inner life is reached into on purpose."""

    def __init__(self, chance: Chance) -> None:
        super().__init__()
        self._chance = chance
        self._subscriptions: dict[_MemorySubscription, None] = {}
        self._under_way = 0
        self._lives = 0

    @property
    def is_quiet(self) -> bool:
        """Whether no message is under way, waiting, or unacknowledged in any consumer's hands."""
        held = any(subscription._unsettled for subscription in self._subscriptions)
        return not (self._under_way or held or any(queue.waiting for queue in self.queues.values()))

    def held_up(self) -> str:
        """Say what is not quiet."""
        waiting = {name: len(queue.waiting) for name, queue in self.queues.items() if queue.waiting}
        held = sum(len(subscription._unsettled) for subscription in self._subscriptions)
        return f"waiting {waiting}, unacknowledged {held}, under way {self._under_way}"

    async def accept(self, message: Message, delay_seconds: float = 0.0) -> None:
        """Take a message for its queue: whether, when and how often it arrives is chance."""
        if isinstance(message, BatchProgressed):
            return  # nobody listens to hints here
        queue, body = self._route(message), encode(message)
        for arrival in self._chance.copies(message.message_id):
            if arrival + delay_seconds:
                self._under_way += 1
                loop = asyncio.get_running_loop()
                loop.call_later(arrival + delay_seconds, self._arrive, queue, body, self._lives)
            else:
                queue.put(body)

    async def accept_later(self, message: Message, step: RetryStep) -> None:
        """Take a message that waits out a retry step first."""
        await self.accept(message, step.delay_seconds)

    def consume(self, queue: Queue, prefetch: int) -> _MemorySubscription:
        """Begin to consume a queue."""
        subscription = _MemorySubscription(self.queues[queue.name], prefetch)
        self._subscriptions[subscription] = None
        subscription.queue.has_room(subscription)
        return subscription

    def leave(self, subscription: _MemorySubscription) -> None:
        """Notice that a consumer is gone: what it had is redelivered."""
        if self._subscriptions.pop(subscription, self) is self:
            return
        subscription._stopped = True
        subscription.queue.leave(subscription)
        self._take_back(subscription)

    def cut(self, *only: _MemorySubscription) -> None:
        """Cut these consumers' connections, or all: they are handed new deliveries, but go on with the old ones."""
        for subscription in only or self._subscriptions:
            subscription.queue.leave(subscription)
        for subscription in only or self._subscriptions:
            self._take_back(subscription)
        self._welcome_back()

    def wipe(self) -> None:
        """Forget every message, as a broker does that comes back with an empty disk; consumers reconnect."""
        self._lives += 1
        self._under_way = 0
        for queue in self.queues.values():
            queue.waiting.clear()
        for subscription in self._subscriptions:
            _forget_read_ahead(subscription)
            subscription._unsettled.clear()
        self._welcome_back()

    def _welcome_back(self) -> None:
        for subscription in self._subscriptions:
            if not subscription._stopped:
                subscription.queue.has_room(subscription)

    def _take_back(self, subscription: _MemorySubscription) -> None:
        _forget_read_ahead(subscription)
        unsettled = list(subscription._unsettled.values())
        subscription._unsettled.clear()
        for delivery in reversed(unsettled):
            subscription.queue.put_back(delivery.message)

    def _arrive(self, queue: MemoryQueue, body: bytes, life: int) -> None:
        if life == self._lives:
            self._under_way -= 1
            queue.put(body)


def _forget_read_ahead(subscription: _MemorySubscription) -> None:
    read_ahead = [subscription._buffer.get_nowait() for _ in range(subscription._buffer.qsize())]
    if None in read_ahead:  # a stopped subscription stays stopped
        subscription._buffer.put_nowait(None)

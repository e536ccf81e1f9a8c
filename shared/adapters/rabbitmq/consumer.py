"""One consumer on one channel: what feeds a subscription until the channel is lost, and how its death is noticed."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue

from shared.adapters.rabbitmq.delivery import UnackedDeliveries
from shared.adapters.rabbitmq.driver_errors import translated
from shared.errors import BrokerUnavailableError

IDLE_SECONDS = 10.0
"""After so long without a delivery, though there are free places, the broker is asked what is in the queue."""

ANSWER_SECONDS = 10.0
"""Longest that its answer may take."""


class Consumer:
    """Has up to `prefetch` unsettled deliveries of a queue at a time, and watches that the broker gives them."""

    def __init__(
        self, channel: AbstractChannel, queue: AbstractQueue, prefetch: int, *, may_stand_by: bool = False
    ) -> None:
        self.unacked = UnackedDeliveries()
        self._channel = channel
        self._queue = queue
        self._prefetch = prefetch
        self._may_stand_by = may_stand_by
        self._stopped = False
        self._ended = asyncio.Event()
        self._tag = ""

    async def start(self, take: Callable[[AbstractIncomingMessage], Awaitable[None]], *, no_ack: bool = False) -> None:
        """Have `take` called with each delivery from here on."""
        self._tag = await self._queue.consume(take, no_ack=no_ack)

    async def stop(self) -> None:
        """Have nothing more delivered; what is unsettled can still be settled."""
        self._stopped = True
        if self._tag:
            await self._queue.cancel(self._tag)
            self._ended.set()

    async def wait_until_ended(self) -> None:
        """Return once the broker has confirmed that it delivers nothing more."""
        await self._ended.wait()

    async def watch(self) -> NoReturn:
        """Raise `BrokerUnavailableError` once the broker does not give this consumer what it should.

        Two looks in a row have to find so, with no delivery in between: a queue that is busy, or without a leader for a
        moment, is said to have neither messages nor consumers.
        """
        doubtful = False
        while True:
            entered = self.unacked.entered
            await asyncio.sleep(IDLE_SECONDS)
            problem = await self._look() if self._is_idle_since(entered) else None
            if problem and doubtful and self._is_idle_since(entered):
                raise BrokerUnavailableError(problem)
            doubtful = problem is not None

    def _is_idle_since(self, entered: int) -> bool:
        return not self._stopped and self.unacked.entered == entered and len(self.unacked) < self._prefetch

    async def _look(self) -> str | None:
        """What is wrong in the broker's view; asking also shows whether the channel still answers."""
        with translated(f"look into {self._queue.name}"):
            async with asyncio.timeout(ANSWER_SECONDS):
                declared = await self._channel.declare_queue(self._queue.name, passive=True)
        found = declared.declaration_result
        # Beside others, a consumer that stands by gets nothing, and is not told that it does.
        if found.message_count and not (self._may_stand_by and (found.consumer_count or 0) > 1):
            return f"{found.message_count} messages wait in {self._queue.name}, and none is delivered"
        return None if found.consumer_count else f"the broker knows of no consumer of {self._queue.name}"

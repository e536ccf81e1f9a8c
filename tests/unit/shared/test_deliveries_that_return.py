"""Messages that are delivered again and again, on a broker that counts only failures, as RabbitMQ 4.3 does."""

import asyncio
from collections.abc import Sequence

import pytest

from shared.adapters.memory_broker import MemoryBroker
from shared.errors import DocumentsUnavailableError
from shared.messaging.encoding import encode
from shared.messaging.messages import BatchSubmitted
from shared.messaging.topology import DELIVERY_LIMIT, WORK
from shared.running.consuming import consume_each, consume_in_batches
from shared.running.lifecycle import Stopping
from tests.fakes import HastyStopping, until

MESSAGE = BatchSubmitted(batch_id="a")


class Failing:
    """A handler that always raises; it may have its process stop first."""

    def __init__(self, error: Exception, stopping: Stopping, *, stops: bool = False) -> None:
        self._error, self._stopping, self._stops = error, stopping, stops

    async def each(self, _message: BatchSubmitted) -> None:
        """Fail at one message."""
        if self._stops:
            self._stopping.set()
        raise self._error

    async def many(self, messages: Sequence[BatchSubmitted]) -> None:
        """Fail at some messages."""
        await self.each(messages[0])


async def consume(broker: MemoryBroker, handler: Failing, stopping: Stopping, loop: str) -> None:
    """Run one process until it stops."""
    async with broker.subscriber.subscribe(WORK, 4) as subscription:
        if loop == "batches":
            await consume_in_batches(
                subscription, BatchSubmitted, handler.many, limit=4, wait_seconds=0.001, stopping=stopping
            )
        else:
            await consume_each(subscription, BatchSubmitted, handler.each, concurrency=1, stopping=stopping)


@pytest.mark.parametrize("loop", ["each", "batches"])
async def test_a_message_whose_handler_always_fails_ends_as_a_dead_letter(loop: str) -> None:
    """It is given back as rejected; handed back it would go round endlessly."""
    broker, stopping = MemoryBroker(), HastyStopping()
    await broker.publish(MESSAGE)
    consuming = asyncio.create_task(consume(broker, Failing(KeyError("bug"), stopping), stopping, loop))
    dead = broker.queues[WORK.name].dead
    await until(lambda: bool(dead))
    stopping.set()
    await consuming
    assert [(letter.body, letter.reason) for letter in dead] == [(encode(MESSAGE), "delivery_limit")]


@pytest.mark.parametrize("loop", ["each", "batches"])
async def test_a_message_outlives_any_number_of_processes_that_stop(loop: str) -> None:
    """Rolling restarts while the database is away cost no delivery: it is handed back and not rejected."""
    broker = MemoryBroker()
    await broker.publish(MESSAGE)
    for _ in range(2 * DELIVERY_LIMIT):
        stopping = HastyStopping()
        await consume(broker, Failing(DocumentsUnavailableError("away"), stopping, stops=True), stopping, loop)
    queue = broker.queues[WORK.name]
    assert (len(queue.waiting), queue.dead) == (1, [])

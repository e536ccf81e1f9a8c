"""Hints are read once, and their batches' ids passed on to everyone who listens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.gateway.batches.progress_hints import ProgressHints
from shared.adapters.memory_broker import MemoryBroker
from shared.errors import BrokerUnavailableError
from shared.messaging.messages import BatchProgressed, BatchStopped
from shared.ports import Subscription
from tests.fakes import FakeSubscription, HastyStopping, until


class FailingSubscriber(MemoryBroker):
    """A subscriber that has one subscription, once so many attempts have failed."""

    def __init__(self, subscription: FakeSubscription, failures: int = 0) -> None:
        super().__init__()
        self._subscription = subscription
        self._left = failures

    @asynccontextmanager
    async def subscribe_progress(self) -> AsyncIterator[Subscription]:
        """The subscription, in the end."""
        if self._left:
            self._left -= 1
            raise BrokerUnavailableError("away")
        yield self._subscription


@asynccontextmanager
async def heard(subscriber: MemoryBroker) -> AsyncIterator[tuple[list[str], list[str]]]:
    """What two listeners hear while the hints are read."""
    first: list[str] = []
    second: list[str] = []
    task = asyncio.create_task(ProgressHints(subscriber, (first.append, second.append)).run(HastyStopping()))
    try:
        yield first, second
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_every_listener_hears_of_each_batch_that_moved() -> None:
    """One subscription serves them all."""
    subscription = FakeSubscription()
    async with heard(FailingSubscriber(subscription)) as (first, second):
        subscription.put(BatchProgressed(batch_id="a", batch_version=1))
        await until(lambda: bool(second))
    assert first == second == ["a"]


async def test_hints_that_cannot_be_read_are_dropped_and_the_next_is_heard() -> None:
    """A stranger's message stops nothing, nor does one of another type."""
    subscription = FakeSubscription()
    async with heard(FailingSubscriber(subscription)) as (first, _):
        for other in (b"{", BatchStopped(batch_id="b", generation=0), BatchProgressed(batch_id="a", batch_version=1)):
            subscription.put(other)
        await until(lambda: bool(first))
    assert first == ["a"]


async def test_hints_are_subscribed_to_again_after_the_broker_was_away() -> None:
    """The reader outlives it."""
    subscription = FakeSubscription()
    async with heard(FailingSubscriber(subscription, failures=2)) as (first, _):
        subscription.put(BatchProgressed(batch_id="a", batch_version=1))
        await until(lambda: first == ["a"])

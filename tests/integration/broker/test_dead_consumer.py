"""Consumers that have died although their connection lives: each is noticed and replaced."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from shared.adapters.rabbitmq import consumer as watched_consumer
from shared.adapters.rabbitmq import open_broker
from shared.adapters.rabbitmq.subscription import RabbitSubscription
from shared.messaging.topology import WORK
from shared.ports import Subscription
from shared.running.lifecycle import Readiness
from tests.integration.broker.traffic import NUMBERED, PATIENCE_SECONDS, Eventually, number_of, numbered, take

PART = "consume worker.chunks.normal"


@pytest.fixture(autouse=True)
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look after a moment without a delivery."""
    monkeypatch.setattr(watched_consumer, "IDLE_SECONDS", 0.1)


async def forget(subscription: Subscription) -> None:
    """Have the broker forget a consumer behind its subscription's back."""
    channel = await underlay_of(subscription)
    (tag,) = channel.consumers
    await channel.basic_cancel(tag)


async def underlay_of(subscription: Subscription) -> Any:
    """The driver's channel that the subscription consumes on at present."""
    assert isinstance(subscription, RabbitSubscription)
    return await (await subscription._channel.current()).get_underlay_channel()


class Problems(Readiness):
    """Remembers everything that was ever wrong, apart from the first connecting."""

    def __init__(self) -> None:
        super().__init__()
        self.reported: list[str] = []

    def report(self, part: str, problem: str | None) -> None:
        super().report(part, problem)
        if problem not in {None, "still connecting"}:
            self.reported.append(str(problem))


async def test_a_consumer_that_the_broker_has_forgotten_is_replaced(rabbitmq_url: str, eventually: Eventually) -> None:
    """Nothing waits in the queue yet; the next message finds a consumer."""
    readiness = Problems()
    async with (
        open_broker(rabbitmq_url, "test", readiness) as broker,
        broker.subscriber.subscribe(NUMBERED, prefetch=1) as subscription,
    ):
        await forget(subscription)

        async def noticed() -> bool:
            return bool(readiness.reported)

        await eventually(noticed)
        assert "no consumer" in readiness.reported[0]
        await broker.publisher.publish(numbered(1))
        delivery = await take(subscription)
        assert number_of(delivery) == 1
        await delivery.ack()
        assert not readiness.problems


async def test_a_forgotten_consumer_is_noticed_by_what_waits_although_others_consume(rabbitmq_url: str) -> None:
    """Work in the hands of a live consumer is no excuse for leaving the rest in the queue."""
    readiness = Problems()
    async with (
        open_broker(rabbitmq_url, "test", Readiness()) as others,
        open_broker(rabbitmq_url, "test", readiness) as broker,
        others.subscriber.subscribe(NUMBERED, prefetch=1) as busy,
    ):
        await broker.publisher.publish(numbered(1))
        in_hand = await take(busy)
        async with broker.subscriber.subscribe(NUMBERED, prefetch=1) as subscription:
            await forget(subscription)
            await broker.publisher.publish(numbered(2))
            assert number_of(await take(subscription)) == 2
            assert "1 messages wait" in readiness.reported[0]
            assert not readiness.problems
            await in_hand.ack()


async def test_a_channel_that_the_broker_closes_is_replaced(rabbitmq_url: str, eventually: Eventually) -> None:
    """As it does when an ack takes longer than its consumer timeout; what was in hand comes again."""
    readiness = Problems()
    async with (
        open_broker(rabbitmq_url, "test", readiness) as broker,
        broker.subscriber.subscribe(NUMBERED, prefetch=1) as subscription,
    ):
        await broker.publisher.publish(numbered(1))
        in_hand = await take(subscription)
        await (await underlay_of(subscription)).basic_ack(4711)  # no such delivery
        again = await take(subscription)
        assert number_of(again) == 1
        assert any("PRECONDITION_FAILED" in problem for problem in readiness.reported)
        await in_hand.ack()
        await again.ack()
        assert not readiness.problems

        async def nothing_waits() -> bool:
            return await broker.subscriber.waiting(NUMBERED) == 0

        await eventually(nothing_waits)


async def test_idle_busy_and_stopped_consumers_are_left_alone(rabbitmq_url: str) -> None:
    """An empty queue, full hands and the end of a service are no signs of death."""
    readiness = Problems()
    async with (
        open_broker(rabbitmq_url, "test", readiness) as broker,
        broker.subscriber.subscribe(WORK, prefetch=1) as idle,
        broker.subscriber.subscribe(NUMBERED, prefetch=1) as subscription,
    ):
        looks = count_looks(await underlay_of(idle))
        looks_of_busy = count_looks(await underlay_of(subscription))
        await several(looks)
        await several(looks_of_busy)  # it is idle as well, so far
        for number in range(2):
            await broker.publisher.publish(numbered(number))
        in_hand = await take(subscription)
        await several(looks)  # the first may have crossed the message
        so_far = looks_of_busy.count
        await several(looks)
        await subscription.stop()
        await several(looks)
        assert looks_of_busy.count == so_far
        await in_hand.ack()
        assert await broker.subscriber.waiting(NUMBERED) == 1
    assert readiness.reported == []


@dataclass
class Looks:
    """How often a consumer has asked what is in its queue."""

    count: int = 0
    event: asyncio.Event = field(default_factory=asyncio.Event)


def count_looks(channel: Any) -> Looks:
    """Count them from here on."""
    looks = Looks()
    declare = channel.queue_declare

    async def counted(*arguments: Any, **options: Any) -> Any:
        looks.count += 1
        looks.event.set()
        return await declare(*arguments, **options)

    channel.queue_declare = counted
    return looks


async def several(looks: Looks) -> None:
    """Wait until a consumer has looked three times more."""
    for _ in range(3):
        looks.event.clear()
        await asyncio.wait_for(looks.event.wait(), PATIENCE_SECONDS)

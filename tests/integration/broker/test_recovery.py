import asyncio

import aio_pika
import pytest

from shared.adapters.rabbitmq import broker as opened_broker
from shared.adapters.rabbitmq import hosts, open_broker
from shared.errors import BrokerUnavailableError
from shared.messaging.messages import BatchProgressed, BatchSubmitted
from shared.messaging.topology import WORK
from shared.ports import Subscription
from shared.running.lifecycle import Readiness
from tests.integration.broker.cuttable_network import CuttableNetwork
from tests.integration.broker.traffic import (
    NUMBERED,
    PATIENCE_SECONDS,
    Eventually,
    number_of,
    numbered,
    publish_patiently,
    take,
)


async def take_all(subscription: Subscription, count: int) -> None:
    """Take and ack until each of the numbers below `count` has been seen, some perhaps twice."""
    missing = set(range(count))
    while missing:
        delivery = await take(subscription)
        missing.discard(number_of(delivery))
        await delivery.ack()


async def test_nothing_is_lost_while_connections_are_cut_again_and_again(network: CuttableNetwork) -> None:
    """Publishing and consuming go on through resets; some messages come twice, none is missing."""
    readiness = Readiness()
    async with (
        open_broker(network.url, "test", readiness) as broker,
        broker.subscriber.subscribe(NUMBERED, prefetch=20) as subscription,
    ):
        consuming = asyncio.create_task(take_all(subscription, 600))
        for start in range(0, 600, 200):
            publishing = asyncio.gather(
                *(publish_patiently(broker.publisher, number) for number in range(start, start + 200))
            )
            await asyncio.sleep(0)  # the publishes are under way when the cut comes
            network.cut()
            await publishing
        await consuming


async def test_work_in_hand_survives_a_lost_connection_and_comes_again(
    network: CuttableNetwork, eventually: Eventually
) -> None:
    """A delivery taken before the loss can still be answered, which changes nothing; the broker sends it again."""
    readiness = Readiness()
    async with (
        open_broker(network.url, "test", readiness) as broker,
        broker.subscriber.subscribe(NUMBERED, prefetch=3) as subscription,
    ):
        for number in range(4):
            await broker.publisher.publish(numbered(number))
        in_hand = await take(subscription)
        network.refuse()

        async def loss_is_noticed() -> bool:
            return "consume worker.chunks.normal" in readiness.problems

        await eventually(loss_is_noticed)
        network.accept()
        again = [await take(subscription) for _ in range(3)]
        assert [number_of(delivery) for delivery in again] == [0, 1, 2]  # and not what was read ahead before
        await in_hand.ack()
        await in_hand.reject()
        await subscription.ack_through(in_hand)
        await subscription.ack_through(again[-1])
        last = await take(subscription)
        assert number_of(last) == 3
        await last.ack()


async def test_readiness_says_while_the_broker_is_out_of_reach(
    network: CuttableNetwork, eventually: Eventually
) -> None:
    """A service that cannot publish or consume says so, publishing fails in time, and all is well afterwards."""
    readiness = Readiness()
    async with (
        open_broker(network.url, "test", readiness, publish_seconds=1) as broker,
        broker.subscriber.subscribe(NUMBERED, prefetch=1) as subscription,
        broker.subscriber.subscribe_progress() as progress,
    ):
        network.refuse()

        async def all_is_lost() -> bool:
            return set(readiness.problems) == {"publish", "consume worker.chunks.normal", "consume progress"}

        await eventually(all_is_lost)
        with pytest.raises(BrokerUnavailableError):
            await broker.publisher.publish(numbered(1))
        with pytest.raises(BrokerUnavailableError):
            await broker.subscriber.waiting(NUMBERED)
        network.accept()

        async def all_is_well() -> bool:
            return not readiness.problems

        await eventually(all_is_well)
        await broker.publisher.publish(numbered(2))
        assert number_of(await take(subscription)) == 2
        await broker.publisher.publish(BatchProgressed(batch_id="b", batch_version=1))
        await take(progress)


async def test_a_network_that_has_fallen_silent_counts_as_lost(
    network: CuttableNetwork, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without any reset, missing heartbeats tell; what was being published is published on another connection."""
    monkeypatch.setattr(hosts, "HEARTBEAT_SECONDS", 1)
    readiness = Readiness()
    async with (
        open_broker(network.url, "test", readiness) as broker,
        broker.subscriber.subscribe(NUMBERED, prefetch=1) as subscription,
    ):
        network.fall_silent()
        publishing = asyncio.create_task(publish_patiently(broker.publisher, 1))

        async def all_is_lost() -> bool:
            return set(readiness.problems) == {"publish", "consume worker.chunks.normal"}

        await eventually(all_is_lost)
        network.accept()
        await publishing
        assert number_of(await take(subscription)) == 1


async def test_a_subscription_can_be_stopped_while_the_broker_is_out_of_reach(network: CuttableNetwork) -> None:
    """Nobody waits for a broker that is gone in order to end."""
    async with (
        open_broker(network.url, "test", Readiness()) as broker,
        broker.subscriber.subscribe(NUMBERED, prefetch=1) as subscription,
    ):
        network.refuse()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await subscription.stop()
            assert await subscription.next() is None


async def test_without_a_broker_opening_fails_with_the_reason(
    network: CuttableNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller decides how patient to be, and learns what is wrong."""
    monkeypatch.setattr(opened_broker, "START_SECONDS", 0.5)
    network.refuse()
    with pytest.raises(BrokerUnavailableError, match="publish"):
        async with open_broker(network.url, "test", Readiness()):
            pytest.fail("opened without a broker")


async def test_a_queue_deleted_under_its_consumer_is_made_again(rabbitmq_url: str, eventually: Eventually) -> None:
    """The consumer notices although its channel lives on, declares the queue and consumes it."""
    readiness = Readiness()
    async with (
        open_broker(rabbitmq_url, "test", readiness) as broker,
        broker.subscriber.subscribe(NUMBERED, prefetch=1) as subscription,
    ):
        await delete_queues(rabbitmq_url, NUMBERED.name)
        await publish_patiently(broker.publisher, 5)
        assert number_of(await take(subscription)) == 5

        async def all_is_well() -> bool:
            return not readiness.problems

        await eventually(all_is_well)


async def test_a_queue_deleted_while_nobody_consumes_is_made_again_by_the_publisher(rabbitmq_url: str) -> None:
    """What cannot be routed is not lost: the publisher declares what is missing."""
    async with open_broker(rabbitmq_url, "test", Readiness()) as broker:
        await delete_queues(rabbitmq_url, WORK.name, WORK.dead_letter_queue)
        await broker.publisher.publish(BatchSubmitted(batch_id="b"))
        assert await broker.subscriber.waiting(WORK) == 1


async def delete_queues(url: str, *names: str) -> None:
    """Do what an operator may do in the management UI."""
    async with await aio_pika.connect(url) as connection, await connection.channel() as channel:
        for name in names:
            await channel.queue_delete(name)

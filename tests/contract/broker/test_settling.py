import asyncio
from collections.abc import Awaitable, Callable

import pytest

from shared.messaging.encoding import encode
from shared.messaging.topology import DELIVERY_LIMIT, RESULTS, WORK
from shared.ports import Delivery, Subscription
from tests.contract.broker.brokers import (
    PATIENCE_SECONDS,
    BrokerUnderTest,
    Eventually,
    left_over,
    numbers,
    publish,
    submitted,
    take,
)


async def test_an_acked_delivery_never_comes_again(broker: BrokerUnderTest) -> None:
    """After an ack the broker has forgotten the message."""
    await publish(broker, 1)
    async with broker.subscriber.subscribe(WORK, prefetch=1) as subscription:
        (delivery,) = await take(subscription, 1)
        await delivery.ack()
    assert await left_over(broker) == []


@pytest.mark.parametrize("verb", ["hand_back", "reject"])
async def test_a_delivery_that_goes_back_comes_again(broker: BrokerUnderTest, verb: str) -> None:
    """The consumer that gives a message back, or another one, gets it once more."""
    await publish(broker, 1)
    async with broker.subscriber.subscribe(WORK, prefetch=1) as subscription:
        (first,) = await take(subscription, 1)
        await getattr(first, verb)()
        (second,) = await take(subscription, 1)
        assert second.body == first.body
        await second.ack()


async def test_no_more_than_the_prefetch_is_ever_unacknowledged(
    broker: BrokerUnderTest, eventually: Eventually
) -> None:
    """The rest waits in the queue until something is acked."""
    await publish(broker, 5)
    async with broker.subscriber.subscribe(WORK, prefetch=2) as subscription:
        first, _ = await take(subscription, 2)

        async def three_wait() -> bool:
            return await broker.subscriber.waiting(WORK) == 3

        async def two_wait() -> bool:
            return await broker.subscriber.waiting(WORK) == 2

        await eventually(three_wait)
        await first.ack()
        await take(subscription, 1)
        await eventually(two_wait)


async def test_ack_through_acks_all_before_and_nothing_after(broker: BrokerUnderTest) -> None:
    """One ack for a batch of deliveries leaves the later ones to be delivered again."""
    await publish(broker, 4)
    async with broker.subscriber.subscribe(WORK, prefetch=10) as subscription:
        deliveries = await take(subscription, 3)
        await subscription.ack_through(deliveries[1])
    assert await left_over(broker) == [2, 3]


async def test_ack_through_a_settled_delivery_still_acks_those_before(broker: BrokerUnderTest) -> None:
    """The last of a batch may have been dead-lettered or given back by itself."""
    await publish(broker, 4)
    async with broker.subscriber.subscribe(WORK, prefetch=4) as subscription:
        deliveries = await take(subscription, 3)
        await deliveries[0].ack()
        await deliveries[2].dead_letter("unreadable")
        await subscription.ack_through(deliveries[2])
    assert await left_over(broker) == [3]


async def test_settling_twice_is_settling_once(broker: BrokerUnderTest) -> None:
    """A second answer to one delivery neither disturbs the subscription nor brings the message back."""
    await publish(broker, 2)
    async with broker.subscriber.subscribe(WORK, prefetch=1) as subscription:
        (first,) = await take(subscription, 1)
        await first.ack()
        await first.ack()
        await first.hand_back()
        await first.reject()
        await subscription.ack_through(first)
        (second,) = await take(subscription, 1)
        assert numbers([second]) == [1]
        await second.ack()
    assert await left_over(broker) == []


async def test_after_stop_what_was_read_ahead_goes_back_and_what_is_in_hand_can_be_acked(
    broker: BrokerUnderTest, eventually: Eventually
) -> None:
    """Stopping loses nothing and does no work twice."""
    await publish(broker, 5)
    async with broker.subscriber.subscribe(WORK, prefetch=3) as subscription:
        (in_hand,) = await take(subscription, 1)
        await subscription.stop()
        assert await subscription.next() is None
        assert await subscription.next() is None

        async def all_but_one_wait() -> bool:
            return await broker.subscriber.waiting(WORK) == 4

        await eventually(all_but_one_wait)
        await in_hand.ack()
    assert await left_over(broker) == [1, 2, 3, 4]


async def test_stop_ends_a_consumer_that_waits(broker: BrokerUnderTest) -> None:
    """Nobody hangs in `next` when nothing more will come."""
    async with broker.subscriber.subscribe(WORK, prefetch=3) as subscription:
        waiting = asyncio.create_task(subscription.next())
        await asyncio.sleep(0)
        await subscription.stop()
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert await waiting is None


async def test_a_message_that_comes_after_stop_stays_in_the_queue(broker: BrokerUnderTest) -> None:
    """A stopped subscription is no consumer any more."""
    async with broker.subscriber.subscribe(WORK, prefetch=3) as subscription:
        await subscription.stop()
        await publish(broker, 1)
        assert await left_over(broker) == [0]


async def test_deliveries_go_back_when_their_subscription_ends(broker: BrokerUnderTest) -> None:
    """A consumer that dies loses no message; its late answers change nothing."""
    await publish(broker, 3)
    async with broker.subscriber.subscribe(WORK, prefetch=2) as subscription:
        first, _ = await take(subscription, 2)
    await first.ack()
    assert await left_over(broker) == [0, 1, 2]


async def test_a_dead_letter_is_kept_with_its_reason(broker: BrokerUnderTest, eventually: Eventually) -> None:
    """What nobody can read leaves the queue and lies where people look."""
    await broker.put_raw(RESULTS, b"\xffnot json")
    async with broker.subscriber.subscribe(RESULTS, prefetch=1) as subscription:
        (delivery,) = await take(subscription, 1)
        await delivery.dead_letter("not a message")

        async def kept() -> bool:
            return list(await broker.dead(RESULTS)) == [(b"\xffnot json", "not a message")]

        await eventually(kept)
    assert await broker.subscriber.waiting(RESULTS) == 0


async def give_back_too_often(
    broker: BrokerUnderTest, subscription: Subscription, give_back: Callable[[Delivery], Awaitable[None]]
) -> None:
    """Publish one message, and give it back each time that it comes, once more than it may come."""
    await publish(broker, 1)
    for _ in range(DELIVERY_LIMIT + 1):
        (delivery,) = await take(subscription, 1)
        await give_back(delivery)


async def test_a_message_rejected_too_often_becomes_a_dead_letter(
    broker: BrokerUnderTest, eventually: Eventually
) -> None:
    """A poison message cannot go round endlessly."""
    async with broker.subscriber.subscribe(WORK, prefetch=1) as subscription:
        await give_back_too_often(broker, subscription, lambda delivery: delivery.reject())

        async def given_up() -> bool:
            return list(await broker.dead(WORK)) == [(encode(submitted(0)), "delivery_limit")]

        await eventually(given_up)
    assert await left_over(broker) == []


async def test_a_message_handed_back_often_is_a_dead_letter_only_where_the_broker_counts_that(
    broker: BrokerUnderTest, eventually: Eventually
) -> None:
    """Consumers that stop say nothing against a message; RabbitMQ before 4.3 cannot tell that from a failure."""
    async with broker.subscriber.subscribe(WORK, prefetch=1) as subscription:
        await give_back_too_often(broker, subscription, lambda delivery: delivery.hand_back())

        async def is_in_one_place() -> bool:
            dead = [body for body, _ in await broker.dead(WORK)]
            return dead == ([encode(submitted(0))] if broker.counts_hand_backs else [])

        await eventually(is_in_one_place)
    assert await left_over(broker) == ([] if broker.counts_hand_backs else [0])

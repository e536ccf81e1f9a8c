import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import pytest

from shared.errors import BrokerUnavailableError
from shared.messages import (
    BatchProgressed,
    BatchSubmitted,
    ChunkFailed,
    ChunkReady,
    ChunkSettled,
    ImageCompleted,
    ImageFailed,
    Message,
    decode,
    encode,
)
from shared.ports import Delivery, Publisher, Subscriber, Subscription
from shared.topology import BATCHES, CHUNKS, DELIVERY_LIMIT, RESULTS, RETRY_STEPS, SETTLED, Queue

PATIENCE_SECONDS = 20

Eventually = Callable[[Callable[[], Awaitable[object]]], Awaitable[None]]

ROUTES: list[tuple[Message, Queue]] = [
    (BatchSubmitted(batch_id="b"), BATCHES),
    (ChunkReady(batch_id="b", chunk=1, priority="high"), CHUNKS["high"]),
    (ChunkReady(batch_id="b", chunk=1, priority="normal"), CHUNKS["normal"]),
    (ChunkReady(batch_id="b", chunk=1, priority="low"), CHUNKS["low"]),
    (ImageCompleted(batch_id="b", chunk=1, index=2), RESULTS),
    (ImageFailed(batch_id="b", chunk=1, index=2, code="unreadable", message="그림이 아닙니다"), RESULTS),
    (ChunkFailed(batch_id="b", chunk=1, code="lost", message="lost"), RESULTS),
    (ChunkSettled(batch_id="b", generation=0, settled_chunks=3), SETTLED),
]


class BrokerUnderTest(Protocol):
    publisher: Publisher
    subscriber: Subscriber

    async def put_raw(self, queue: Queue, body: bytes) -> None: ...

    async def dead(self, queue: Queue) -> Sequence[tuple[bytes, str]]: ...


def submitted(number: int) -> BatchSubmitted:
    """A message that differs from the others by its batch id."""
    return BatchSubmitted(batch_id=f"batch-{number}")


async def publish(broker: BrokerUnderTest, count: int) -> None:
    for number in range(count):
        await broker.publisher.publish(submitted(number))


async def take(subscription: Subscription, count: int) -> list[Delivery]:
    """The next deliveries, within a deadline."""
    deliveries = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        for _ in range(count):
            delivery = await subscription.next()
            assert delivery is not None
            deliveries.append(delivery)
    return deliveries


def numbers(deliveries: Sequence[Delivery]) -> list[int]:
    return [int(decode(delivery.body).batch_id.removeprefix("batch-")) for delivery in deliveries]


async def left_over(broker: BrokerUnderTest) -> tuple[list[int], set[bool]]:
    """The numbers of the messages that are still in the queue, and whether they are redeliveries."""
    await broker.publisher.publish(submitted(999))  # the broker keeps the order, so this comes last
    left = []
    async with broker.subscriber.subscribe(BATCHES, prefetch=100) as subscription:
        while numbers(one := await take(subscription, 1)) != [999]:
            left += one
        await subscription.ack_through(one[0])
    return sorted(numbers(left)), {delivery.redelivered for delivery in left}


@pytest.mark.parametrize(("message", "queue"), ROUTES, ids=lambda value: getattr(value, "message_id", ""))
async def test_every_message_reaches_the_queue_of_its_consumer(
    broker: BrokerUnderTest, message: Message, queue: Queue
) -> None:
    """What is published arrives in its queue, byte for byte, as a first delivery."""
    await broker.publisher.publish(message)
    async with broker.subscriber.subscribe(queue, prefetch=1) as subscription:
        (delivery,) = await take(subscription, 1)
        assert delivery.body == encode(message)
        assert not delivery.redelivered
        await delivery.ack()


async def test_an_acked_delivery_never_comes_again(broker: BrokerUnderTest) -> None:
    """After an ack the broker has forgotten the message."""
    await publish(broker, 1)
    async with broker.subscriber.subscribe(BATCHES, prefetch=1) as subscription:
        (delivery,) = await take(subscription, 1)
        await delivery.ack()
    assert await left_over(broker) == ([], set())


async def test_a_requeued_delivery_comes_again_marked_as_redelivered(broker: BrokerUnderTest) -> None:
    """Who gives a message back sees, or lets another see, that it was delivered before."""
    await publish(broker, 1)
    async with broker.subscriber.subscribe(BATCHES, prefetch=1) as subscription:
        (first,) = await take(subscription, 1)
        await first.requeue()
        (second,) = await take(subscription, 1)
        assert second.body == first.body
        assert second.redelivered
        await second.ack()


async def test_no_more_than_the_prefetch_is_ever_unacknowledged(
    broker: BrokerUnderTest, eventually: Eventually
) -> None:
    """The rest waits in the queue until something is acked."""
    await publish(broker, 5)
    async with broker.subscriber.subscribe(BATCHES, prefetch=2) as subscription:
        first, _ = await take(subscription, 2)

        async def three_wait() -> bool:
            return await broker.subscriber.waiting(BATCHES) == 3

        async def two_wait() -> bool:
            return await broker.subscriber.waiting(BATCHES) == 2

        await eventually(three_wait)
        await first.ack()
        await take(subscription, 1)
        await eventually(two_wait)


async def test_ack_through_acks_all_before_and_nothing_after(broker: BrokerUnderTest) -> None:
    """One ack for a batch of deliveries leaves the later ones to be delivered again."""
    await publish(broker, 4)
    async with broker.subscriber.subscribe(BATCHES, prefetch=10) as subscription:
        deliveries = await take(subscription, 3)
        await subscription.ack_through(deliveries[1])
    left, redelivered = await left_over(broker)
    assert left == [2, 3]
    assert redelivered == {True}


async def test_ack_through_a_settled_delivery_still_acks_those_before(broker: BrokerUnderTest) -> None:
    """The last of a batch may have been dead-lettered or given back by itself."""
    await publish(broker, 4)
    async with broker.subscriber.subscribe(BATCHES, prefetch=4) as subscription:
        deliveries = await take(subscription, 3)
        await deliveries[0].ack()
        await deliveries[2].dead_letter("unreadable")
        await subscription.ack_through(deliveries[2])
    assert (await left_over(broker))[0] == [3]


async def test_settling_twice_is_settling_once(broker: BrokerUnderTest) -> None:
    """A second answer to one delivery neither disturbs the subscription nor brings the message back."""
    await publish(broker, 2)
    async with broker.subscriber.subscribe(BATCHES, prefetch=1) as subscription:
        (first,) = await take(subscription, 1)
        await first.ack()
        await first.ack()
        await first.requeue()
        await subscription.ack_through(first)
        (second,) = await take(subscription, 1)
        assert numbers([second]) == [1]
        await second.ack()
    assert await left_over(broker) == ([], set())


async def test_after_stop_what_was_read_ahead_goes_back_and_what_is_in_hand_can_be_acked(
    broker: BrokerUnderTest, eventually: Eventually
) -> None:
    """Stopping loses nothing and does no work twice."""
    await publish(broker, 5)
    async with broker.subscriber.subscribe(BATCHES, prefetch=3) as subscription:
        (in_hand,) = await take(subscription, 1)
        await subscription.stop()
        assert await subscription.next() is None
        assert await subscription.next() is None

        async def all_but_one_wait() -> bool:
            return await broker.subscriber.waiting(BATCHES) == 4

        await eventually(all_but_one_wait)
        await in_hand.ack()
    assert (await left_over(broker))[0] == [1, 2, 3, 4]


async def test_stop_ends_a_consumer_that_waits(broker: BrokerUnderTest) -> None:
    """Nobody hangs in `next` when nothing more will come."""
    async with broker.subscriber.subscribe(BATCHES, prefetch=3) as subscription:
        waiting = asyncio.create_task(subscription.next())
        await asyncio.sleep(0)
        await subscription.stop()
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert await waiting is None


async def test_a_message_that_comes_after_stop_stays_in_the_queue(broker: BrokerUnderTest) -> None:
    """A stopped subscription is no consumer any more."""
    async with broker.subscriber.subscribe(BATCHES, prefetch=3) as subscription:
        await subscription.stop()
        await publish(broker, 1)
        assert await left_over(broker) == ([0], {False})


async def test_deliveries_go_back_when_their_subscription_ends(broker: BrokerUnderTest) -> None:
    """A consumer that dies loses no message; its late answers change nothing."""
    await publish(broker, 3)
    async with broker.subscriber.subscribe(BATCHES, prefetch=2) as subscription:
        first, _ = await take(subscription, 2)
    await first.ack()
    assert (await left_over(broker))[0] == [0, 1, 2]


async def test_consumers_of_one_queue_share_its_messages(broker: BrokerUnderTest) -> None:
    """Competing consumers each get their part, and each message goes to one."""
    async with (
        broker.subscriber.subscribe(BATCHES, prefetch=2) as one,
        broker.subscriber.subscribe(BATCHES, prefetch=2) as other,
    ):
        await publish(broker, 4)
        seen = numbers(await take(one, 2)) + numbers(await take(other, 2))
        assert sorted(seen) == [0, 1, 2, 3]


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


async def test_a_message_given_back_too_often_becomes_a_dead_letter(
    broker: BrokerUnderTest, eventually: Eventually
) -> None:
    """A poison message cannot go round for ever."""
    await publish(broker, 1)
    async with broker.subscriber.subscribe(BATCHES, prefetch=1) as subscription:
        for _ in range(DELIVERY_LIMIT + 1):
            (delivery,) = await take(subscription, 1)
            await delivery.requeue()

        async def given_up() -> bool:
            return list(await broker.dead(BATCHES)) == [(encode(submitted(0)), "delivery_limit")]

        await eventually(given_up)
    assert await left_over(broker) == ([], set())


async def test_a_postponed_chunk_comes_after_its_delay_to_its_own_queue(broker: BrokerUnderTest) -> None:
    """Each priority finds back to its queue, and not before what is published meanwhile."""
    later = {priority: ChunkReady(batch_id="later", chunk=1, priority=priority, attempt=1) for priority in CHUNKS}
    for message in later.values():
        await broker.publisher.publish_later(message, RETRY_STEPS[0])
    for priority, queue in CHUNKS.items():
        await broker.publisher.publish(ChunkReady(batch_id="now", chunk=2, priority=priority))
        async with broker.subscriber.subscribe(queue, prefetch=2) as subscription:
            now, then = await take(subscription, 2)
            assert decode(now.body).batch_id == "now"
            assert then.body == encode(later[priority])
            assert not then.redelivered
            await subscription.ack_through(then)


async def test_every_gateway_hears_of_progress(broker: BrokerUnderTest) -> None:
    """A hint reaches all who listen."""
    hint = BatchProgressed(batch_id="b", batch_version=7)
    async with (
        broker.subscriber.subscribe_progress() as one,
        broker.subscriber.subscribe_progress() as other,
    ):
        await broker.publisher.publish(hint)
        for subscription in (one, other):
            (delivery,) = await take(subscription, 1)
            assert delivery.body == encode(hint)
            await delivery.ack()


async def test_a_hint_is_not_kept_for_those_who_come_later(broker: BrokerUnderTest) -> None:
    """Progress that nobody hears is forgotten, and publishing it is no error."""
    await broker.publisher.publish(BatchProgressed(batch_id="b", batch_version=1))
    second = BatchProgressed(batch_id="b", batch_version=2)
    async with broker.subscriber.subscribe_progress() as subscription:
        await broker.publisher.publish(second)
        (delivery,) = await take(subscription, 1)
        assert delivery.body == encode(second)


async def test_a_message_that_no_queue_takes_is_an_error(broker: BrokerUnderTest) -> None:
    """Nothing that a service believes to be sent is silently dropped."""
    stray = BatchSubmitted.model_construct(type="batch.forgotten", batch_id="b")
    with pytest.raises(BrokerUnavailableError):
        await broker.publisher.publish(stray)


async def test_many_messages_published_at_once_all_arrive(broker: BrokerUnderTest) -> None:
    """Publishes overlap, and each is confirmed."""
    await asyncio.gather(*(broker.publisher.publish(submitted(number)) for number in range(500)))
    async with broker.subscriber.subscribe(BATCHES, prefetch=100) as subscription:
        seen = []
        for _ in range(10):
            deliveries = await take(subscription, 50)
            seen += numbers(deliveries)
            await subscription.ack_through(deliveries[-1])
    assert sorted(seen) == list(range(500))

import asyncio
from contextlib import AsyncExitStack

import pytest

from shared.errors import BrokerUnavailableError
from shared.messaging.encoding import decode, encode
from shared.messaging.messages import (
    BatchProgressed,
    BatchSubmitted,
    ChunkFailed,
    ChunkReady,
    ChunkSettled,
    ImageCompleted,
    ImageFailed,
    Message,
)
from shared.messaging.topology import CHUNKS, EXPRESS, PROGRESS_PREFETCH, RESULTS, RETRY_STEPS, WORK, Queue
from tests.contract.broker.brokers import (
    BrokerUnderTest,
    numbers,
    publish,
    submitted,
    take,
)

ROUTES: list[tuple[Message, Queue]] = [
    (BatchSubmitted(batch_id="b"), WORK),
    (ChunkReady(batch_id="b", chunk=1, priority="high"), CHUNKS["high"]),
    (ChunkReady(batch_id="b", chunk=1, priority="normal"), CHUNKS["normal"]),
    (ChunkReady(batch_id="b", chunk=1, priority="low"), CHUNKS["low"]),
    (ChunkReady(batch_id="b", chunk=1, priority="low", express=True), EXPRESS),
    (ImageCompleted(batch_id="b", chunk=1, index=2), RESULTS),
    (ImageFailed(batch_id="b", chunk=1, index=2, code="unreadable", message="그림이 아닙니다"), RESULTS),
    (ChunkFailed(batch_id="b", chunk=1, code="lost", message="lost"), RESULTS),
    (ChunkSettled(batch_id="b", generation=0, settled_chunks=3), WORK),
]


@pytest.mark.parametrize(("message", "queue"), ROUTES, ids=lambda value: getattr(value, "message_id", ""))
async def test_every_message_reaches_the_queue_of_its_consumer(
    broker: BrokerUnderTest, message: Message, queue: Queue
) -> None:
    """What is published arrives in its queue, byte for byte."""
    await broker.publisher.publish(message)
    async with broker.subscriber.subscribe(queue, prefetch=1) as subscription:
        (delivery,) = await take(subscription, 1)
        assert delivery.body == encode(message)
        await delivery.ack()


async def test_consumers_of_one_queue_share_its_messages(broker: BrokerUnderTest) -> None:
    """Competing consumers each get their part, and each message goes to one."""
    async with (
        broker.subscriber.subscribe(CHUNKS["low"], prefetch=2) as one,
        broker.subscriber.subscribe(CHUNKS["low"], prefetch=2) as other,
    ):
        for number in range(4):
            await broker.publisher.publish(ChunkReady(batch_id=f"batch-{number}", chunk=0, priority="low"))
        seen = numbers(await take(one, 2)) + numbers(await take(other, 2))
        assert sorted(seen) == [0, 1, 2, 3]


async def test_one_consumer_at_a_time_gets_the_chunkers_work(broker: BrokerUnderTest) -> None:
    """Another stands by, and takes over what the first leaves behind."""
    async with AsyncExitStack() as first:
        active = await first.enter_async_context(broker.subscriber.subscribe(WORK, prefetch=10))
        async with broker.subscriber.subscribe(WORK, prefetch=10) as standby:
            await publish(broker, 4)
            done, *left = await take(active, 4)
            await done.ack()
            await first.aclose()
            assert sorted(numbers(await take(standby, 3))) == sorted(numbers(left))
            await publish(broker, 1)
            assert numbers(await take(standby, 1)) == [0]


async def test_a_postponed_chunk_comes_after_its_delay_to_its_own_queue(broker: BrokerUnderTest) -> None:
    """Each priority finds back to its queue, and not before what is published meanwhile."""
    later = {priority: ChunkReady(batch_id="later", chunk=1, priority=priority, attempt=1) for priority in CHUNKS}
    for message in later.values():
        await broker.publisher.publish_later(message, RETRY_STEPS[0])
    for priority in CHUNKS:
        await broker.publisher.publish(ChunkReady(batch_id="now", chunk=2, priority=priority))
    for priority, queue in CHUNKS.items():
        async with broker.subscriber.subscribe(queue, prefetch=2) as subscription:
            now, then = await take(subscription, 2)
            assert decode(now.body).batch_id == "now"
            assert then.body == encode(later[priority])
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


async def test_hints_go_on_without_being_settled(broker: BrokerUnderTest) -> None:
    """More than a gateway reads ahead; settling one all the same does nothing."""
    hints = PROGRESS_PREFETCH + 50
    async with broker.subscriber.subscribe_progress() as subscription:
        for version in range(hints):
            await broker.publisher.publish(BatchProgressed(batch_id="b", batch_version=version))
        deliveries = await take(subscription, hints)
        assert decode(deliveries[-1].body) == BatchProgressed(batch_id="b", batch_version=hints - 1)
        await deliveries[0].ack()
        await deliveries[1].reject()
        await broker.publisher.publish(BatchProgressed(batch_id="b", batch_version=hints))
        (last,) = await take(subscription, 1)
        assert decode(last.body) == BatchProgressed(batch_id="b", batch_version=hints)


async def test_a_hint_is_not_kept_for_those_who_come_later(broker: BrokerUnderTest) -> None:
    """Progress that nobody hears is forgotten, and publishing it is no error."""
    await broker.publisher.publish(BatchProgressed(batch_id="b", batch_version=1))
    second = BatchProgressed(batch_id="b", batch_version=2)
    async with broker.subscriber.subscribe_progress() as subscription:
        await broker.publisher.publish(second)
        (delivery,) = await take(subscription, 1)
        assert delivery.body == encode(second)


class Stray(BatchSubmitted):
    """A message under a topic that no queue is bound to."""

    @property
    def routing_key(self) -> str:
        return "batch.forgotten"


async def test_a_message_that_no_queue_takes_is_an_error(broker: BrokerUnderTest) -> None:
    """Nothing that a service believes to be sent is silently dropped."""
    with pytest.raises(BrokerUnavailableError):
        await broker.publisher.publish(Stray(batch_id="b"))


async def test_many_messages_published_at_once_all_arrive(broker: BrokerUnderTest) -> None:
    """Publishes overlap, and each is confirmed."""
    await asyncio.gather(*(broker.publisher.publish(submitted(number)) for number in range(500)))
    async with broker.subscriber.subscribe(WORK, prefetch=100) as subscription:
        seen = []
        for _ in range(10):
            deliveries = await take(subscription, 50)
            seen += numbers(deliveries)
            await subscription.ack_through(deliveries[-1])
    assert sorted(seen) == list(range(500))

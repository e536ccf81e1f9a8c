"""What every broker promises of its queues' depths and of what was given up."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from shared.messaging.encoding import decode
from shared.messaging.topology import RESULTS, WORK, work_queues
from shared.ports import DeadLetter, QueueDepth
from tests.contract.broker.brokers import BrokerUnderTest, Eventually, numbers, publish, take


async def bury(broker: BrokerUnderTest, eventually: Eventually, count: int) -> None:
    """Have the messages 0 to `count - 1` given up."""
    await publish(broker, count)
    async with broker.subscriber.subscribe(WORK, prefetch=count) as subscription:
        for number, delivery in enumerate(await take(subscription, count)):
            await delivery.dead_letter(f"reason {number}")
    await eventually(lambda: has_dead(broker, count))


async def depth_of_batches(broker: BrokerUnderTest) -> QueueDepth:
    """How deep the queue of batches is."""
    return next(depth for depth in await broker.queue_depths.depths() if depth.queue == WORK)


async def has_dead(broker: BrokerUnderTest, count: int) -> bool:
    """Whether so many dead letters are there."""
    return (await depth_of_batches(broker)).dead_letters == count


def numbered(letters: Sequence[DeadLetter]) -> dict[int, str]:
    """The letters' reasons by their numbers."""
    return {int(decode(letter.body).batch_id.removeprefix("batch-")): letter.reason for letter in letters}


async def test_the_depth_of_every_work_queue_is_known(broker: BrokerUnderTest, eventually: Eventually) -> None:
    """What is ready, who consumes it, and what was given up; in the order of the flow."""
    assert [depth.queue for depth in await broker.queue_depths.depths()] == list(work_queues())
    await bury(broker, eventually, 1)
    await publish(broker, 3)

    async def one_is_delivered() -> bool:
        depth = await depth_of_batches(broker)
        return (depth.ready, depth.consumers, depth.dead_letters) == (2, 1, 1)

    async with broker.subscriber.subscribe(WORK, prefetch=1):
        await eventually(one_is_delivered)

    async def all_wait() -> bool:
        depth = await depth_of_batches(broker)
        return (depth.ready, depth.consumers) == (3, 0)

    await eventually(all_wait)


async def test_dead_letters_are_shown_and_stay(broker: BrokerUnderTest, eventually: Eventually) -> None:
    """With reason and time, as often as somebody looks, and no more of them than asked for."""
    await bury(broker, eventually, 3)
    for _ in range(2):
        letters = await broker.dead_letters.show(WORK, 10)
        assert numbered(letters) == {0: "reason 0", 1: "reason 1", 2: "reason 2"}
        await eventually(lambda: has_dead(broker, 3))
    for letter in letters:
        assert letter.died_at is not None
        assert abs(letter.died_at - datetime.now(UTC)) < timedelta(minutes=5)
    assert len(await broker.dead_letters.show(WORK, 2)) == 2
    assert list(await broker.dead_letters.show(RESULTS, 2)) == []


async def test_replayed_letters_are_delivered_again(broker: BrokerUnderTest, eventually: Eventually) -> None:
    """Those that are meant by their ids, and no more than the limit."""
    await bury(broker, eventually, 4)
    chosen = [letter.id for letter in await broker.dead_letters.show(WORK, 10) if 1 in numbered([letter])]
    assert await broker.dead_letters.replay(WORK, 10, chosen) == 1
    assert await broker.dead_letters.replay(WORK, 10, chosen) == 0
    async with broker.subscriber.subscribe(WORK, prefetch=10) as subscription:
        (delivery,) = await take(subscription, 1)
        assert numbers([delivery]) == [1]
        await delivery.ack()
    assert await broker.dead_letters.replay(WORK, 2) == 2
    await eventually(lambda: has_dead(broker, 1))


async def test_dropped_letters_are_gone(broker: BrokerUnderTest, eventually: Eventually) -> None:
    """Those that are meant by their ids, and no more than the limit; the others stay."""
    await bury(broker, eventually, 4)
    chosen = [letter.id for letter in await broker.dead_letters.show(WORK, 10) if 1 in numbered([letter])]
    assert await broker.dead_letters.drop(WORK, 10, [*chosen, "unknown"]) == 1
    assert await broker.dead_letters.drop(WORK, 10, chosen) == 0
    assert sorted(numbered(await broker.dead_letters.show(WORK, 10))) == [0, 2, 3]
    assert await broker.dead_letters.drop(WORK, 2) == 2
    await eventually(lambda: has_dead(broker, 1))


async def test_two_who_replay_at_once_send_each_letter_once(broker: BrokerUnderTest, eventually: Eventually) -> None:
    """As after two clicks."""
    await bury(broker, eventually, 10)
    sent = await asyncio.gather(*(broker.dead_letters.replay(WORK, 10) for _ in range(2)))
    assert sum(sent) == 10
    async with broker.subscriber.subscribe(WORK, prefetch=20) as subscription:
        deliveries = await take(subscription, 10)
        await subscription.ack_through(deliveries[-1])
    assert sorted(numbers(deliveries)) == list(range(10))


async def test_copies_of_a_message_have_one_id() -> None:
    """And others have others."""
    assert DeadLetter(b"one", "a").id == DeadLetter(b"one", "b", datetime.now(UTC)).id
    assert DeadLetter(b"one", "a").id != DeadLetter(b"two", "a").id

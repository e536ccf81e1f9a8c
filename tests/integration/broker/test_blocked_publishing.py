"""A broker under a memory alarm takes no messages: nothing is lost, nothing piles up, and everybody can tell."""

import asyncio

import pytest

from shared.adapters.rabbitmq import open_broker, publisher_watch
from shared.errors import BrokerUnavailableError
from shared.ports import Subscription
from shared.running.lifecycle import Readiness
from tests.integration.broker.memory_alarm import memory_alarm
from tests.integration.broker.traffic import NUMBERED, Eventually, number_of, numbered, publish_patiently, take
from tests.servers import Server
from tests.servers.rabbitmq import RabbitmqAddress


@pytest.fixture(autouse=True)
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Probe twice a second."""
    monkeypatch.setattr(publisher_watch, "LOOK_SECONDS", 0.05)


async def test_under_an_alarm_publishing_waits_consuming_goes_on_and_nothing_is_lost(
    rabbitmq_server: Server[RabbitmqAddress], rabbitmq_url: str, eventually: Eventually
) -> None:
    """The service that publishes nothing learns of the alarm as well; afterwards all is well by itself."""
    readiness = Readiness()
    async with open_broker(rabbitmq_url, "test", readiness, publish_seconds=1) as broker:
        for number in range(3):
            await broker.publisher.publish(numbered(number))
        async with memory_alarm(rabbitmq_server):

            async def alarm_is_noticed() -> bool:
                return readiness.problems == {"publish": publisher_watch.REFUSED}

            await eventually(alarm_is_noticed)
            with pytest.raises(BrokerUnavailableError, match="alarm"):
                await broker.publisher.publish(numbered(999))  # given up, and so never seen again
            publishing = asyncio.gather(*(publish_patiently(broker.publisher, number) for number in range(3, 300)))
            async with broker.subscriber.subscribe(NUMBERED, prefetch=2) as subscription:
                for number in range(3):
                    delivery = await take(subscription)
                    assert number_of(delivery) == number
                    await delivery.ack()
                assert await broker.subscriber.waiting(NUMBERED) == 0
            assert await alarm_is_noticed()
            assert not publishing.done()
        await publishing

        async def all_is_well() -> bool:
            return not readiness.problems

        await eventually(all_is_well)
        await broker.publisher.publish(numbered(300))
        async with broker.subscriber.subscribe(NUMBERED, prefetch=50) as subscription:
            assert await take_through(subscription, 300) == set(range(3, 301))


async def test_what_was_under_way_when_the_alarm_came_is_published_once_it_is_over(
    rabbitmq_server: Server[RabbitmqAddress], rabbitmq_url: str
) -> None:
    """Whether it was sent before the broker said no, or not: it arrives."""
    async with open_broker(rabbitmq_url, "test", Readiness(), publish_seconds=1) as broker:
        async with memory_alarm(rabbitmq_server):
            # Nothing has told this connection of the alarm yet, unless a probe was faster.
            publishing = [asyncio.create_task(publish_patiently(broker.publisher, number)) for number in range(20)]
            with pytest.raises(BrokerUnavailableError):
                await broker.publisher.publish(numbered(999))  # may come all the same, if it went out
        await asyncio.gather(*publishing)
        await broker.publisher.publish(numbered(20))
        async with broker.subscriber.subscribe(NUMBERED, prefetch=20) as subscription:
            assert await take_through(subscription, 20) - {999} == set(range(21))


async def take_through(subscription: Subscription, last: int) -> set[int]:
    """Take and ack until the last one; some may come twice."""
    seen: set[int] = set()
    while last not in seen:
        delivery = await take(subscription)
        seen.add(number_of(delivery))
        await delivery.ack()
    return seen

"""A RabbitMQ that is reached by several addresses, some of which lead nowhere; tests/cluster has real clusters."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest

from shared.adapters.rabbitmq import RabbitBroker, open_broker
from shared.adapters.rabbitmq.administration import open_administration
from shared.running.lifecycle import Readiness
from tests.integration.broker.cuttable_network import CuttableNetwork
from tests.integration.broker.traffic import NUMBERED, Eventually, number_of, publish_patiently, take
from tests.processes import free_port


def with_hosts(url: str, *others: str) -> str:
    """The address with more hosts, the others first."""
    parts = urlsplit(url)
    credentials, at, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{credentials}{at}{','.join([*others, host])}").geturl()


def host_of(network: CuttableNetwork) -> str:
    """Where the network is entered."""
    return urlsplit(network.url).netloc.rpartition("@")[2]


@asynccontextmanager
async def second_way(rabbitmq_url: str) -> AsyncIterator[CuttableNetwork]:
    """Another way to the same RabbitMQ."""
    network = CuttableNetwork(rabbitmq_url)
    await network.open()
    try:
        yield network
    finally:
        await network.close()


async def publish_and_take(broker: RabbitBroker) -> None:
    """Send a message through the broker and back."""
    async with broker.subscriber.subscribe(NUMBERED, prefetch=1) as subscription:
        await publish_patiently(broker.publisher, 1)
        delivery = await take(subscription)
        assert number_of(delivery) == 1
        await delivery.ack()


async def test_a_dead_host_does_not_keep_a_service_from_starting(rabbitmq_url: str) -> None:
    """Publishing, consuming and administering each find the host that is there, whichever they begin with."""
    url = with_hosts(rabbitmq_url, f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}")
    for _ in range(3):
        async with open_broker(url, "test", Readiness()) as broker:
            await publish_and_take(broker)
    async with open_administration(url) as administration:
        assert await administration.queue_depths.depths()


async def test_a_host_that_takes_connections_and_is_silent_costs_its_share(network: CuttableNetwork) -> None:
    """A frozen node's kernel still takes connections; it must not use up the time in which another could answer."""
    async with second_way(network._target.geturl()) as silent:
        silent.fall_silent()
        for _ in range(2):
            async with open_broker(with_hosts(network.url, host_of(silent)), "test", Readiness()) as broker:
                await publish_and_take(broker)


Harm = Callable[[CuttableNetwork], None]


@pytest.mark.parametrize("harm", [CuttableNetwork.refuse, CuttableNetwork.fall_silent])
async def test_a_host_that_is_lost_while_connected_is_left_for_another(
    network: CuttableNetwork, eventually: Eventually, harm: Harm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Publisher and consumer go on over the other host, and back again when that one is lost."""
    monkeypatch.setattr("shared.adapters.rabbitmq.hosts.HEARTBEAT_SECONDS", 1)
    readiness = Readiness()
    async with (
        second_way(network._target.geturl()) as other,
        open_broker(with_hosts(network.url, host_of(other)), "test", readiness) as broker,
        broker.subscriber.subscribe(NUMBERED, prefetch=1) as subscription,
    ):
        for number, lost in enumerate((network, other, network)):
            harm(lost)
            await publish_patiently(broker.publisher, number)
            taken = set[int]()
            async with asyncio.timeout(60):
                while number not in taken:
                    delivery = await take(subscription)
                    taken.add(number_of(delivery))
                    await delivery.ack()

            async def all_is_well() -> bool:
                return not readiness.problems

            await eventually(all_is_well)
            lost.accept()

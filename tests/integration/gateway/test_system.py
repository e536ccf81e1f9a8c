"""The system and its dead letters over HTTP, on a real RabbitMQ that may go away."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.gateway.settings import GatewaySettings
from shared.messaging.messages import BatchSubmitted
from shared.messaging.topology import WORK
from tests.fakes import DEADLINE_SECONDS, until
from tests.integration.broker.cuttable_network import CuttableNetwork
from tests.integration.gateway.conftest import ServedGateway, serving


@pytest.fixture
async def network(rabbitmq_url: str) -> AsyncIterator[CuttableNetwork]:
    """The way to an empty RabbitMQ."""
    network = CuttableNetwork(rabbitmq_url)
    await network.open()
    yield network
    await network.close()


@pytest.fixture
async def connected(network: CuttableNetwork, tmp_path: Path) -> AsyncIterator[ServedGateway]:
    """A gateway that reaches its broker through that network."""
    settings = GatewaySettings(grace_seconds=1)
    async with serving(tmp_path / "objects", settings, rabbitmq_url=network.url) as gateway:
        yield gateway


async def system_of(gateway: ServedGateway) -> dict[str, Any]:
    """What is answered about the system."""
    response = await gateway.client.get("/pipeline/system")
    assert response.status_code == 200
    data: dict[str, Any] = response.json()["data"]
    return data


async def bury(gateway: ServedGateway) -> None:
    """Have a batch's message given up."""
    await gateway.ports.publisher.publish(BatchSubmitted(batch_id="b"))
    async with gateway.ports.subscriber.subscribe(WORK, 1) as subscription:
        delivery = await asyncio.wait_for(subscription.next(), DEADLINE_SECONDS)
        assert delivery is not None
        await delivery.dead_letter("not a message")


async def test_a_dead_letter_is_seen_replayed_and_dropped(connected: ServedGateway) -> None:
    """And each time the queue's figures say so."""
    dead = f"/pipeline/dead/{WORK.name}"
    await bury(connected)

    async def has(ready: int, dead_letters: int) -> bool:
        queues = (await system_of(connected))["queues"]
        return (ready, dead_letters) in [(each["ready"], each["dead_letters"]) for each in queues]

    await until(lambda: has(0, 1))
    (letter,) = (await connected.client.get(dead)).json()["data"]["letters"]
    assert (letter["type"], letter["batch_id"], letter["reason"]) == ("batch.submitted", "b", "not a message")
    for replayed in (1, 0):
        answer = await connected.client.post(f"{dead}/replay", json={"ids": [letter["id"]]})
        assert answer.json()["data"] == {"replayed": replayed}
    await until(lambda: has(1, 0))
    await bury(connected)
    await until(lambda: has(1, 1))
    answers = [await connected.client.post(f"{dead}/drop", json={"count": 1}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 409]


async def test_a_broker_that_says_nothing_leaves_its_figures_unknown(
    connected: ServedGateway, network: CuttableNetwork
) -> None:
    """The rest is answered all the same, and the figures come back with the broker."""
    assert (await system_of(connected))["dead_letters"] == 0
    network.fall_silent()

    async def is_unknown() -> bool:
        return (await system_of(connected))["queues"] is None

    async def is_known() -> bool:
        return (await system_of(connected))["queues"] is not None

    await until(is_unknown)
    network.cut()
    network.accept()
    await until(is_known)


async def test_a_broker_that_is_away_is_a_503_for_dead_letters(
    connected: ServedGateway, network: CuttableNetwork
) -> None:
    """Nothing is half-done."""
    network.refuse()
    for method, path in (("GET", ""), ("GET", f"/{WORK.name}"), ("POST", f"/{WORK.name}/replay")):
        response = await connected.client.request(method, f"/pipeline/dead{path}")
        assert (response.status_code, response.json()["error"]["code"]) == (503, "broker_unavailable")
        assert response.headers["retry-after"] == "5"
    network.accept()

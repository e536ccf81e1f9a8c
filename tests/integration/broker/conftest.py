"""Fixtures: a broker seen through a network that a test may cut, and waiting for what follows."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.integration.broker.cuttable_network import CuttableNetwork
from tests.integration.broker.traffic import PATIENCE_SECONDS, Eventually


@pytest.fixture
async def network(rabbitmq_url: str) -> AsyncIterator[CuttableNetwork]:
    """The way to an empty RabbitMQ; its `url` leads through it."""
    network = CuttableNetwork(rabbitmq_url)
    await network.open()
    yield network
    await network.close()


@pytest.fixture
def eventually() -> Eventually:
    """Waits until an asynchronous condition holds, or fails after a deadline."""

    async def wait(condition: Callable[[], Awaitable[object]]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await condition():  # noqa: ASYNC110 - the condition is a server's, which sets no event here
                await asyncio.sleep(0.05)

    return wait

"""A RabbitMQ that has run out of memory, or believes so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.servers import Server
from tests.servers.containers import ContainerRabbitmq
from tests.servers.native_rabbitmq import NativeRabbitmq
from tests.servers.rabbitmq import RabbitmqAddress

WATERMARK = "0.6"


@asynccontextmanager
async def memory_alarm(server: Server[RabbitmqAddress]) -> AsyncIterator[None]:
    """Raise the alarm, and clear it at the end; skips where the environment named the server."""
    if not isinstance(server, NativeRabbitmq | ContainerRabbitmq):
        pytest.skip("a server that the environment named is not the tests' to alarm")
    await asyncio.to_thread(server.control, "set_vm_memory_high_watermark", "0")
    try:
        yield
    finally:
        await asyncio.to_thread(server.control, "set_vm_memory_high_watermark", WATERMARK)

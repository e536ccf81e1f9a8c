"""One named connection to RabbitMQ that is opened when needed and again, to another host, after each loss."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from aio_pika.abc import AbstractChannel, AbstractConnection

from shared.adapters.rabbitmq.driver_errors import translated
from shared.adapters.rabbitmq.hosts import Hosts
from shared.errors import BrokerUnavailableError

CONNECT_SECONDS = 10.0
"""Longest that opening a connection or a channel may take."""

CLOSE_SECONDS = 3.0
"""Longest that a polite goodbye may take; the broker notices the end of the socket anyway."""


class Connection:
    """A connection whose channels all end with it. Its name is what the management UI shows.

    Nothing is restored behind the callers' backs, as aio-pika's robust connection would: it can leave a channel
    closed for good on a live connection. A channel that is needed for long is a `RecoveringChannel`.
    """

    def __init__(self, url: str, name: str) -> None:
        self._hosts = Hosts(url)
        self._name = name
        self._connection: AbstractConnection | None = None
        self._opening = asyncio.Lock()

    async def channel(self) -> AbstractChannel:
        """A new open channel with publisher confirms, on which unroutable messages raise."""
        with translated(f"open a channel on '{self._name}'"):
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    connection = await self._connected()
                    channel = connection.channel(publisher_confirms=True, on_return_raises=True)
                    await channel.initialize()
            except TimeoutError:
                # One that opens no channel is of no use, heartbeats or not: the next attempt gets another.
                await self.close()
                raise
        return channel

    @contextlib.asynccontextmanager
    async def lent_channel(self, work: str, seconds: float = CONNECT_SECONDS) -> AsyncIterator[AbstractChannel]:
        """A channel for one piece of work, at whose end everything goes back that is not settled.

        Raises `BrokerUnavailableError`, also when the work takes longer than it may.
        """
        channel = await self.channel()  # of its own: asking for a queue that is missing closes it
        try:
            with translated(work):
                async with asyncio.timeout(seconds):
                    yield channel
        finally:
            await close_channel(channel)

    async def is_blocked(self) -> bool:
        """Whether RabbitMQ has said on this connection that it takes no messages for now (memory or disk alarm)."""
        try:
            async with asyncio.timeout(0):  # the driver shows its state only to those who wait for it
                await self.wait_until_unblocked()
        except TimeoutError:
            return True
        return False

    async def wait_until_unblocked(self) -> None:
        """Return once RabbitMQ takes messages on this connection; never, if it is lost before."""
        if self._connection is not None and self._connection.transport is not None:
            await self._connection.transport.ready()

    async def close(self) -> None:
        """Close the connection and so all its channels."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(BrokerUnavailableError), translated(f"close '{self._name}'"):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await connection.close()

    async def _connected(self) -> AbstractConnection:
        async with self._opening:
            if self._connection is None or not _is_alive(self._connection):
                await self.close()
                self._connection = await self._hosts.connect(self._name)
            return self._connection


def _is_alive(connection: AbstractConnection) -> bool:
    return connection.transport is not None and not connection.transport.connection.is_closed


async def close_channel(channel: AbstractChannel) -> None:
    """Close a channel whose state does not matter any more; its unacknowledged deliveries go back."""
    with contextlib.suppress(BrokerUnavailableError), translated("close a channel"):
        async with asyncio.timeout(CLOSE_SECONDS):
            await channel.close()

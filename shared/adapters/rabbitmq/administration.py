"""RabbitMQ as a person sees it who looks after its queues."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.adapters.rabbitmq.connection import Connection
from shared.adapters.rabbitmq.dead_letters import RabbitDeadLetters
from shared.adapters.rabbitmq.declarations import declare_topology
from shared.adapters.rabbitmq.depths import RabbitQueueDepths
from shared.adapters.rabbitmq.driver_errors import translated


class Administration:
    """What is waiting, and what was given up; over one connection, which is opened when it is first used."""

    def __init__(self, connection: Connection) -> None:
        self.queue_depths = RabbitQueueDepths(connection)
        self.dead_letters = RabbitDeadLetters(connection)


@asynccontextmanager
async def open_administration(url: str) -> AsyncIterator[Administration]:
    """Connect a person to a broker's queues, declared if they are not there; raises `BrokerUnavailableError`."""
    connection = Connection(url, "darkroom dead letters")
    try:
        channel = await connection.channel()
        with translated("declare the topology"):
            await declare_topology(channel)
        yield Administration(connection)
    finally:
        await connection.close()

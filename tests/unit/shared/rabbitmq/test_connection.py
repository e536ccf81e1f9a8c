"""A link to a broker that is not there."""

import pytest
from yarl import URL

from shared.adapters.rabbitmq.hosts import TidyConnection
from tests.processes import free_port


async def test_a_connection_that_could_not_be_made_is_closed() -> None:
    """Left to the garbage collection in another thread, it warns of a coroutine that nobody awaited."""
    connection = TidyConnection(URL(f"amqp://127.0.0.1:{free_port()}/"))
    with pytest.raises(ConnectionError):
        await connection.connect()
    assert connection.is_closed

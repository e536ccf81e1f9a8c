"""Connections whose peers do not take what they are sent."""

from unittest.mock import Mock

import uvicorn
from uvicorn.server import ServerState

from shared.running.closing_connection import CLOSE_SECONDS
from shared.running.http_connection import HttpConnection


async def test_a_closing_connection_whose_peer_takes_nothing_is_cut_off() -> None:
    """It would stay for as long as the peer likes."""
    config = uvicorn.Config(Mock(), log_config=None, lifespan="off", ws="none")
    config.load()
    connection = HttpConnection(config, ServerState(), header_seconds=20)
    connection.transport = Mock(is_closing=lambda: True)
    for now in (100.0, 100.0 + CLOSE_SECONDS):
        connection.expire(now)
    connection.transport.abort.assert_not_called()
    connection.expire(100.5 + CLOSE_SECONDS)
    connection.transport.abort.assert_called_once()

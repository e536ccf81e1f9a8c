"""WebSockets whose peers do not take what they are sent."""

from unittest.mock import Mock

import uvicorn
from uvicorn.server import ServerState
from websockets.protocol import State

from shared.running.closing_connection import CLOSE_SECONDS
from shared.running.websocket_connection import WebSocketConnection


def websocket(transport: Mock) -> WebSocketConnection:
    """One on this transport."""
    config = uvicorn.Config(Mock(), log_config=None, lifespan="off", ws=WebSocketConnection)
    config.load()
    connection = WebSocketConnection(config, ServerState(), {})
    connection.transport = transport
    return connection


async def test_one_that_is_open_is_left_alone() -> None:
    """However long it lasts."""
    transport = Mock(is_closing=lambda: False)
    connection = websocket(transport)
    for now in (100.0, 1_000_000.0):
        connection.expire(now)
    transport.abort.assert_not_called()


async def test_a_closing_one_whose_peer_takes_nothing_is_cut_off() -> None:
    """It would stay for as long as the peer likes."""
    transport = Mock(is_closing=lambda: True)
    connection = websocket(transport)
    for now in (100.0, 100.0 + CLOSE_SECONDS):
        connection.expire(now)
    transport.abort.assert_not_called()
    connection.expire(100.5 + CLOSE_SECONDS)
    transport.abort.assert_called_once()


async def test_a_close_does_not_wait_for_a_reader() -> None:
    """Nothing comes after it."""
    transport = Mock(is_closing=lambda: False)
    connection = websocket(transport)
    connection.handshake_complete = True
    connection.conn.state = State.OPEN
    connection.pause_writing()
    await connection.send({"type": "websocket.close", "code": 1013, "reason": ""})
    assert connection.close_timer is not None
    connection.close_timer.cancel()
    (frame,) = transport.write.call_args.args
    assert (1013).to_bytes(2) in frame

"""One WebSocket of the HTTP server: what it may keep waiting, and how it ends."""

from http import HTTPStatus

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from shared.running.closing_connection import ClosingConnection
from shared.running.wire_answers import wire_answer

MAX_MESSAGE_BYTES = 1024
"""Longest message of a client; a longer one closes the WebSocket with 1009."""

PING_SECONDS = 20.0
"""Between two pings, and the longest that an answer may take: a peer that is gone without a word is found by it."""


class WebSocketConnection(ClosingConnection, WebSocketsSansIOProtocol):
    """uvicorn's connection, which closes also when its peer reads nothing. `expire` is to be called every second or so.

    The base class is no public interface, as that of `HttpConnection`.
    """

    def data_received(self, data: bytes) -> None:
        """Take bytes; a handshake whose lines are too long for the second who reads it would be left unanswered."""
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self.transport.write(wire_answer(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE))
            self.transport.close()

    async def send(self, message: ASGISendEvent) -> None:
        """Send; a close waits for no reader: it is small, and nothing comes after it."""
        if message["type"] == "websocket.close":
            self.writable.set()
        await super().send(message)

    def expire(self, now: float) -> None:
        """Cut the connection off if it is to close and does not."""
        self.cut_off_late(self.transport, now)

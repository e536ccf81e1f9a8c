"""One connection of the HTTP server: what it may keep waiting, and how it is answered when it is no HTTP."""

import asyncio
import sys
from http import HTTPStatus

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.server import ServerState

from shared.running.closing_connection import ClosingConnection
from shared.running.strict_http import StrictConnection
from shared.running.wire_answers import wire_answer


class HttpConnection(ClosingConnection, H11Protocol):
    """uvicorn's connection, with a limit on the waits for a request's head and for a closing peer.

    `expire` is to be called every second or so. The base class is no public interface: pyproject.toml bounds its
    version, and tests/integration/gateway/test_connections.py holds what is used of it.
    """

    def __init__(self, config: uvicorn.Config, state: ServerState, header_seconds: float) -> None:
        super().__init__(config, state, app_state={})
        self.conn = StrictConnection()
        self._header_seconds = header_seconds
        self._head_since: float | None = None
        self.idle_since = self.loop.time()

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered."""
        cycle: RequestResponseCycle | None = self.cycle  # None before the first request, whatever its type says
        return cycle is None or cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._head_since = self.idle_since

    def data_received(self, data: bytes) -> None:
        """Take bytes. The time for a head begins with its first one; what is left of a body counts as well."""
        if self.is_idle and self._head_since is None:
            self._head_since = self.loop.time()
        super().data_received(data)
        if not self.is_idle:
            # The head is complete; the edge limits the body.
            self._head_since = None

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self.idle_since = self.loop.time()
        super().on_response_complete()

    def eof_received(self) -> bool | None:  # type: ignore[override]  # asyncio: True keeps the way back open
        """Take the end of what is sent for the end of the body, so that a sender who still listens is answered."""
        # uvicorn would close without an answer. The reader of the body finds that it is not whole.
        if self.is_idle or not self.cycle.more_body:
            return None
        self.cycle.more_body = False
        self.cycle.keep_alive = False
        self.cycle.message_event.set()
        return True

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  uvicorn's own words
        """Answer what cannot be read; uvicorn calls it while it handles h11's error, which knows the status."""
        error = sys.exception()
        hint = error.error_status_hint if isinstance(error, h11.RemoteProtocolError) else HTTPStatus.BAD_REQUEST
        self._end(HTTPStatus(hint))

    def expire(self, now: float) -> None:
        """Close the connection if the head of a request is overdue; cut it off if it does not close."""
        if self.cut_off_late(self.transport, now):
            return
        if self._head_since is not None and now - self._head_since > self._header_seconds:
            received, _ = self.conn.trailing_data
            # A peer that sent nothing expects no answer.
            self._end(HTTPStatus.REQUEST_TIMEOUT if received else None)

    def close_idle(self) -> None:
        """Close a connection without a request, to make room for another."""
        self._end(None)

    def _end(self, status: HTTPStatus | None) -> None:
        if not self.is_idle:
            # The body that is being read turned out to be malformed: its reader is to learn that no more will come.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if status is not None and (self.is_idle or not self.cycle.response_started):
            self.transport.write(wire_answer(status))
        self.transport.close()

"""A listening socket, and the connections that come in on it: no more of them than there is room for."""

import asyncio
import contextlib
import resource
import socket
from http import HTTPStatus
from typing import Any

import structlog
from uvicorn.server import ServerState

from shared.running.http_connection import HttpConnection
from shared.running.wire_answers import wire_answer

log = structlog.get_logger()

BACKLOG = 2048
MAX_UNSENT_BYTES = 32 * 1024
"""What the system keeps of an answer before it is on its way. By itself it takes megabytes, and then nothing for as
long as a slow reader needs for a third of them: it could not be told from a silent one."""
PAUSE_SECONDS = 1.0
"""After the system could not give a connection, and between two log lines on those that were turned away."""


def listen(host: str, port: int) -> socket.socket:
    """A bound TCP socket (port 0 takes any free one); raises OSError when the address cannot be had."""
    family, _, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, socket.SOCK_STREAM, protocol)
    try:
        # A restart can listen while connections of the former process are still in TIME_WAIT.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Connections inherit it: small events go out without delay.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, MAX_UNSENT_BYTES)
        listener.bind(address)
        # Listening from here on, so that a client that knows the port can connect at once.
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


class Acceptor:
    """Takes connections in, up to a limit and to half of the process's file descriptors.

    When there is no room, the connection that has been without a request for longest makes some; if all are busy, the
    new one is answered with 503 and closed.
    """

    def __init__(self, state: ServerState, connect: Any, max_connections: int) -> None:
        self._state = state
        self._connect = connect
        descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        # The other half is for files and for connections to servers.
        self._max_connections = min(max_connections, descriptors // 2)
        self._turned_away = 0
        self._logged_at = 0.0

    async def run(self, listener: socket.socket) -> None:
        """Accept until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, _ = await loop.sock_accept(listener)
            except ConnectionError:
                # The peer left before it was accepted.
                continue
            except OSError as error:
                # Such as no file descriptor: what waits is kept by the system, and accepted when there is one again.
                log.warning("connections_not_accepted", error=str(error))
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            if self._has_room():
                # A peer that is gone already is no error of the server.
                with contextlib.suppress(OSError):
                    await loop.connect_accepted_socket(self._connect, accepted)
            else:
                self._turn_away(accepted)

    def _has_room(self) -> bool:
        connections = self._state.connections
        if len(connections) < self._max_connections:
            return True
        open_ones = [one for one in connections if not one.transport.is_closing()]
        # Connections that are closing hold their descriptors only for a moment.
        if len(open_ones) < self._max_connections:
            return True
        # A WebSocket is never idle.
        idle_ones = (one for one in open_ones if isinstance(one, HttpConnection) and one.is_idle)
        idle = min(idle_ones, key=lambda one: one.idle_since, default=None)
        if idle is not None:
            idle.close_idle()
        return idle is not None

    def _turn_away(self, accepted: socket.socket) -> None:
        with accepted, contextlib.suppress(OSError):
            accepted.setblocking(False)
            accepted.send(wire_answer(HTTPStatus.SERVICE_UNAVAILABLE))
        self._turned_away += 1
        now = asyncio.get_running_loop().time()
        if now - self._logged_at >= PAUSE_SECONDS:
            log.warning("connections_turned_away", count=self._turned_away, max_connections=self._max_connections)
            self._turned_away, self._logged_at = 0, now

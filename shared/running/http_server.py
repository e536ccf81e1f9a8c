"""One uvicorn server inside a service: its caller owns the signals, and it ends when the service should stop."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import structlog
import uvicorn
from starlette.types import ASGIApp

from shared.running.accepting import Acceptor
from shared.running.http_connection import HttpConnection
from shared.running.lifecycle import Stopping
from shared.running.websocket_connection import MAX_MESSAGE_BYTES, PING_SECONDS, WebSocketConnection

log = structlog.get_logger()


@dataclass(frozen=True)
class ServerLimits:
    """What connections may cost."""

    max_connections: int = 1000
    header_seconds: float = 20.0
    """From connecting, or a further request's first byte, to the end of its head."""

    keep_alive_seconds: int = 75
    """How long a connection without a request stays open."""

    grace_seconds: int = 1
    """How long requests may go on once the service stops."""


def url_of(listener: socket.socket) -> str:
    """The address of an open listener."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def announce(url: str) -> None:
    """Log the address: the last line of a start, so that a person finds it at the end of the terminal."""
    log.info("listening", url=url)


class _Server(uvicorn.Server):
    """A server that leaves SIGTERM and SIGINT to its caller, and looks after its connections every second."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # SIGTERM begins the drain of the whole service, of which this server is a part.
        yield

    async def on_tick(self, counter: int) -> bool:
        """Called ten times a second."""
        if counter % 10 == 0:
            now = asyncio.get_running_loop().time()
            for connection in list(self.server_state.connections):
                if isinstance(connection, HttpConnection | WebSocketConnection):
                    connection.expire(now)
        return await super().on_tick(counter)


async def serve_http(app: ASGIApp, listener: socket.socket, stopping: Stopping, limits: ServerLimits) -> None:
    """Serve until stopping; requests then get the grace period to end, and what is left is cancelled."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws=WebSocketConnection,
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_SECONDS,
        # Events are small, and what a client sends is not to grow here.
        ws_per_message_deflate=False,
        # The application decides which proxies it trusts.
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=limits.keep_alive_seconds,
        timeout_graceful_shutdown=limits.grace_seconds,
    )
    config.load()
    server = _Server(config)

    # Always h11: httptools would not see what its connection class checks.
    def connect() -> HttpConnection:
        return HttpConnection(config, server.server_state, limits.header_seconds)

    with listener:
        async with asyncio.TaskGroup() as tasks:
            # Without sockets of its own: the acceptor bounds how many connections come in.
            tasks.create_task(server.serve(sockets=[]), name="http-server")
            accepting = tasks.create_task(
                Acceptor(server.server_state, connect, limits.max_connections).run(listener), name="http-acceptor"
            )
            await stopping.wait()
            accepting.cancel()
            server.should_exit = True

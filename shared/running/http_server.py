"""One uvicorn server inside a service: its caller owns the signals, and it ends when the service should stop."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import structlog
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from shared.running.lifecycle import Stopping

log = structlog.get_logger()

BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """A bound TCP socket (port 0 takes any free one); raises OSError when the address cannot be had."""
    family, _, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=socket.AI_PASSIVE
    )[0]
    # The protocol is named because asyncio sends small events without delay only on sockets that name it.
    listener = socket.socket(family, socket.SOCK_STREAM, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # Listening from here on, so that whoever was told the port can connect at once.
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


class _AnsweringProtocol(H11Protocol):
    """Answers also a sender who stops sending half-way and still listens; uvicorn would close without a word.

    The body then just ends, and whoever reads it finds that it is not whole.
    """

    def eof_received(self) -> bool | None:  # type: ignore[override]  # asyncio: True keeps the way back open
        """Take the end of what is sent for the end of the body."""
        cycle: RequestResponseCycle | None = self.cycle  # None before the first request, whatever its type says
        if cycle is None or cycle.response_complete or not cycle.more_body:
            return None
        cycle.more_body = False
        cycle.keep_alive = False
        cycle.message_event.set()
        return True


class _Server(uvicorn.Server):
    """A server that leaves SIGTERM and SIGINT to its caller."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or ():
            host, port = listener.getsockname()[:2]
            # The last line of a start, so that a person finds the address at the end of the terminal.
            log.info("listening", url=f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")


async def serve_http(app: ASGIApp, listener: socket.socket, stopping: Stopping, *, grace_seconds: int) -> None:
    """Serve until stopping; requests then get `grace_seconds` to end, and what is left is cancelled."""
    config = uvicorn.Config(
        app,
        http=_AnsweringProtocol,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=grace_seconds,
    )
    server = _Server(config)
    stopper = asyncio.create_task(_stop(server, stopping), name="http-stopper")
    try:
        await server.serve(sockets=[listener])
    finally:
        stopper.cancel()
        listener.close()


async def _stop(server: uvicorn.Server, stopping: Stopping) -> None:
    await stopping.wait()
    server.should_exit = True

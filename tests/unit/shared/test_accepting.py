"""Connections that the system does not give, or that come when there is no room."""

import asyncio
import resource
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from unittest.mock import Mock

import pytest
from structlog.testing import capture_logs
from uvicorn.server import ServerState

from shared.running.accepting import Acceptor, listen
from shared.running.http_connection import HttpConnection
from tests.fakes import until


class Connected(asyncio.Protocol):
    """Counts the connections that were taken in."""

    count = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count, and close."""
        type(self).count += 1
        transport.close()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Open on some port."""
    with listen("127.0.0.1", 0) as opened:
        yield opened


@pytest.fixture
def connected(listener: socket.socket) -> Iterator[type[Connected]]:
    """What one client, who waits to be accepted, is connected to."""

    class Here(Connected):
        """Of this test alone."""

    with socket.create_connection(listener.getsockname()):
        yield Here


@asynccontextmanager
async def accepting(listener: socket.socket, connected: type[Connected], *open_ones: object) -> AsyncIterator[None]:
    """Accept up to one connection beside those that are open."""
    state = ServerState()
    state.connections.update(open_ones)  # type: ignore[arg-type]  # stand-ins
    task = asyncio.create_task(Acceptor(state, connected, max_connections=1).run(listener))
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@contextmanager
def no_descriptors() -> Iterator[None]:
    """Let this process open nothing more."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with socket.socket() as lowest_free:
        descriptors = lowest_free.fileno()
    resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


async def test_without_a_free_descriptor_a_client_waits_and_is_accepted_later(
    listener: socket.socket, connected: type[Connected]
) -> None:
    """The log says why; the loop neither ends nor spins."""
    with capture_logs() as logs:
        async with accepting(listener, connected):
            with no_descriptors():
                await until(lambda: bool(logs))
            assert connected.count == 0
            await until(lambda: connected.count == 1)
    assert [(line["event"], line["log_level"]) for line in logs] == [("connections_not_accepted", "warning")]
    assert "Too many open files" in logs[0]["error"]


async def test_a_client_that_left_before_it_was_accepted_disturbs_nobody(
    listener: socket.socket, connected: type[Connected], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some systems say so where a connection is accepted; Linux gives one that is closed."""
    loop = asyncio.get_running_loop()
    accept, left = loop.sock_accept, [ConnectionAbortedError()]

    async def sock_accept(accepting: socket.socket) -> tuple[socket.socket, object]:
        if left:
            raise left.pop()
        return await accept(accepting)

    monkeypatch.setattr(loop, "sock_accept", sock_accept)
    with capture_logs() as logs:
        async with accepting(listener, connected):
            await until(lambda: connected.count == 1)
    assert logs == []


async def test_a_connection_that_is_closing_takes_no_place(listener: socket.socket, connected: type[Connected]) -> None:
    """Its descriptor is free in a moment, so nobody is turned away for it."""
    closing = Mock(spec=HttpConnection, transport=Mock(is_closing=lambda: True))
    async with accepting(listener, connected, closing):
        await until(lambda: connected.count == 1)

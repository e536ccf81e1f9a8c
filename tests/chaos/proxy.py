"""The way to a server, which can be cut, refused, silenced in either direction, or slowed down."""

import asyncio
import contextlib
from typing import Literal
from urllib.parse import urlsplit

from tests.servers.ports import ReservedPorts

Direction = Literal["there", "back"]
BOTH: tuple[Direction, ...] = ("there", "back")


class Proxy:
    """A TCP proxy on a port of its own, in front of one server and used by one client process."""

    def __init__(self, name: str, target: tuple[str, int]) -> None:
        self.name = name
        self._target = target
        self._reserved = ReservedPorts(1)
        self.port = self._reserved.numbers[0]
        self._connections: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._flowing: dict[Direction, asyncio.Event] = {direction: asyncio.Event() for direction in BOTH}
        self._delay_seconds = 0.0
        self._server: asyncio.Server | None = None
        self.pass_on()

    async def open(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", self.port)

    async def close(self) -> None:
        """Reset every connection and give the port back."""
        if self._server is not None:
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        self._reserved.release()

    def cut(self) -> None:
        """Reset every connection; new ones can be made at once."""
        for writer in self._writers:
            writer.transport.abort()

    def silence(self, direction: Direction) -> None:
        """Keep connections open and pass nothing on in one direction, until `pass_on`."""
        self._flowing[direction].clear()

    def slow_down(self, seconds: float) -> None:
        """Hold up each piece of up to 64 KiB for so long, until `pass_on`."""
        self._delay_seconds = seconds

    def pass_on(self) -> None:
        """Let everything through at once again."""
        self._delay_seconds = 0.0
        for flowing in self._flowing.values():
            flowing.set()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.current_task()
        assert connection is not None
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)
        # Python 3.11 complains of a connection that is cancelled, which is how they end here.
        with contextlib.suppress(asyncio.CancelledError):
            await self._pass_through(reader, writer)

    async def _pass_through(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            beyond_reader, beyond_writer = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        both = {writer, beyond_writer}
        self._writers |= both
        try:
            await asyncio.gather(self._pump("there", reader, beyond_writer), self._pump("back", beyond_reader, writer))
        finally:
            self._writers -= both
            for each in both:
                each.transport.abort()

    async def _pump(self, direction: Direction, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                await self._flowing[direction].wait()
                if self._delay_seconds:
                    await asyncio.sleep(self._delay_seconds)
                writer.write(data)
                await writer.drain()
            writer.write_eof()


def address_of(url: str, default_port: int) -> tuple[str, int]:
    """The host and port of a URL."""
    parts = urlsplit(url)
    return parts.hostname or "127.0.0.1", parts.port or default_port


def through(url: str, proxy: Proxy) -> str:
    """The same URL by way of a proxy."""
    parts = urlsplit(url)
    credentials = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    return parts._replace(netloc=f"{credentials}127.0.0.1:{proxy.port}").geturl()

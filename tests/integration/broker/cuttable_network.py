"""The way to a server, which a test may cut, refuse or hold up."""

import asyncio
import contextlib
from urllib.parse import urlsplit


class CuttableNetwork:
    """A TCP proxy in front of a server whose connections can be reset, refused or held up for a time."""

    def __init__(self, url: str) -> None:
        self._target = urlsplit(url)
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server
        self._refusing = False
        self._flowing = asyncio.Event()
        self._flowing.set()
        self.url = ""

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        credentials, at, _ = self._target.netloc.rpartition("@")
        self.url = self._target._replace(netloc=f"{credentials}{at}127.0.0.1:{port}").geturl()

    def cut(self) -> None:
        """Reset every connection."""
        for writer in self._writers:
            writer.transport.abort()

    def refuse(self) -> None:
        """Reset every connection, now and as soon as it is made, until `accept`."""
        self._refusing = True
        self.cut()

    def fall_silent(self) -> None:
        """Keep every connection open and pass nothing on, until `accept`."""
        self._flowing.clear()

    def accept(self) -> None:
        """Let everything through again."""
        self._refusing = False
        self._flowing.set()

    async def close(self) -> None:
        self._server.close()
        self.accept()
        self.cut()
        await self._server.wait_closed()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refusing:
            writer.transport.abort()
            return
        beyond = await asyncio.open_connection(self._target.hostname, self._target.port or 5672)
        self._writers |= {writer, beyond[1]}
        await asyncio.gather(self._pump(reader, beyond[1]), self._pump(beyond[0], writer))
        self._writers -= {writer, beyond[1]}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                await self._flowing.wait()
                writer.write(data)
                await writer.drain()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

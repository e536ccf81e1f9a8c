"""Three ways to follow a batch: Server-Sent Events, a WebSocket, and asking again and again."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
from httpx_sse import aconnect_sse
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.fakes import DEADLINE_SECONDS
from tests.integration.gateway.conftest import ServedGateway

POLL_SECONDS = 0.005


@dataclass(frozen=True)
class Seen:
    """One event; its id is None where it has none."""

    event: str
    id: int | None
    data: dict[str, Any]


class NotThereError(Exception):
    """The gateway says that there is no such batch."""


Events = AsyncGenerator[Seen, None]


class Transport(Protocol):
    """A way to follow a batch."""

    def following(self, gateway: ServedGateway, batch_id: str) -> contextlib.AbstractAsyncContextManager[Events]:
        """The batch's events until the gateway ends them; raises `NotThereError` at the first."""


class OverServerSentEvents:
    """A `Transport`."""

    @asynccontextmanager
    async def following(self, gateway: ServedGateway, batch_id: str) -> AsyncIterator[Events]:
        """See `Transport`."""
        path = f"/pipeline/batch/{batch_id}/events"
        async with asyncio.timeout(DEADLINE_SECONDS), aconnect_sse(gateway.client, "GET", path) as source:

            async def events() -> Events:
                if source.response.status_code == httpx.codes.NOT_FOUND:
                    raise NotThereError
                async for event in source.aiter_sse():
                    yield Seen(event.event, int(event.id) if event.id else None, json.loads(event.data))

            yield events()


class OverWebSocket:
    """A `Transport`; `codes` are those with which the sockets were closed."""

    def __init__(self) -> None:
        self.codes: list[int] = []

    @asynccontextmanager
    async def following(self, gateway: ServedGateway, batch_id: str) -> AsyncIterator[Events]:
        """See `Transport`."""
        url = f"ws://127.0.0.1:{gateway.port}/pipeline/batch/{batch_id}/ws"
        async with asyncio.timeout(DEADLINE_SECONDS), connect(url, proxy=None) as socket:
            yield self._events(socket)

    async def _events(self, socket: ClientConnection) -> Events:
        while True:
            try:
                frame = json.loads(await socket.recv())
            except ConnectionClosed as closed:
                code = closed.rcvd.code if closed.rcvd else 1006
                self.codes.append(code)
                if code == 4404:
                    raise NotThereError from closed
                return
            assert set(frame) == {"event", "id", "data"}
            yield Seen(frame["event"], frame["id"], frame["data"])


class OverPolling:
    """A `Transport` that makes the same events of the batch's status."""

    @asynccontextmanager
    async def following(self, gateway: ServedGateway, batch_id: str) -> AsyncIterator[Events]:
        """See `Transport`."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            yield self._events(gateway, batch_id)

    async def _events(self, gateway: ServedGateway, batch_id: str) -> Events:
        version = -1
        while True:
            try:
                answer = await gateway.client.get(f"/pipeline/batch/{batch_id}")
            except httpx.TransportError:
                return
            if answer.status_code == httpx.codes.NOT_FOUND:
                raise NotThereError
            status = answer.json()["data"]
            has_ended = status["status"] in {"SUCCESS", "FAILURE", "REVOKED"}
            if status["version"] > version:
                version = status["version"]
                yield Seen("progress", None if has_ended else version, status)
            if has_ended:
                yield Seen("finished", version, status)
                return
            await asyncio.sleep(POLL_SECONDS)

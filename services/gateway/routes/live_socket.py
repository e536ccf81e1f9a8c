"""A WebSocket on which events go out, and one message may come in."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from services.gateway.batches.live_event import LiveEvent

SEND_SECONDS = 10.0
"""Longest that a client may take none of what waits for it."""


@dataclass(frozen=True)
class Closing:
    """Why a WebSocket is closed: the code for programs (RFC 6455, 7.4), and up to 123 bytes for people."""

    code: int
    reason: str


FINISHED = Closing(1000, "finished")
NOT_TEXT = Closing(1003, "Only text is read.")
NOT_UNDERSTOOD = Closing(1008, 'Only one message is read: {"last_event_id": 17}.')
TOPIC_UNKNOWN = Closing(1008, "The topics are batches and system.")
STOPPING = Closing(1012, "The server stops. Connect again.")
TOO_SLOW = Closing(1013, "The events are not read. Connect again.")
TOO_MANY = Closing(1013, "There are too many WebSockets. Try again in a moment.")
UNAVAILABLE = Closing(1013, "The batch cannot be read at present. Try again in a moment.")
NOT_FOUND = Closing(4404, "There is no batch with this id.")
DELETED = Closing(4404, "The batch was deleted.")


class LastEventId(BaseModel):
    """What a client may say once: the id of the last event that it has seen."""

    model_config = ConfigDict(extra="forbid", strict=True)

    last_event_id: int = Field(ge=0)


class LiveSocket:
    """Sends until the events end, the client leaves or is too slow, or it says what it may not."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self._seen = -1

    async def run(self, events: AsyncIterator[LiveEvent | None], ending: Callable[[str], Closing]) -> None:
        """Send the events, then close; `ending` says why after the last event of that name."""
        tasks = [
            asyncio.create_task(self._send(events, ending), name="websocket-send"),
            asyncio.create_task(self._listen(), name="websocket-listen"),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            closings = [task.result() for task in done]
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if (closing := closings[0]) is not None:
            await self.close(closing)

    async def close(self, closing: Closing) -> None:
        """Close, unless the client has left."""
        with contextlib.suppress(WebSocketDisconnect):
            await self._websocket.close(closing.code, closing.reason)

    async def _send(self, events: AsyncIterator[LiveEvent | None], ending: Callable[[str], Closing]) -> Closing | None:
        last = ""
        try:
            async for event in events:
                if event is None:
                    continue  # the server itself pings
                last = event.name
                if not self._has_seen(event):
                    async with asyncio.timeout(SEND_SECONDS):
                        await self._websocket.send_text(event.frame)
        except TimeoutError:
            return TOO_SLOW
        except WebSocketDisconnect:
            return None
        return ending(last)

    def _has_seen(self, event: LiveEvent) -> bool:
        return event.name == "progress" and event.id is not None and int(event.id) <= self._seen

    async def _listen(self) -> Closing | None:
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            return None
        if message.get("text") is None:
            return NOT_TEXT
        try:
            self._seen = LastEventId.model_validate_json(message["text"]).last_event_id
        except ValidationError:
            return NOT_UNDERSTOOD
        message = await self._websocket.receive()
        return None if message["type"] == "websocket.disconnect" else NOT_UNDERSTOOD

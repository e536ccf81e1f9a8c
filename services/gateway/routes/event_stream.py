"""Live events as Server-Sent Events; the bytes of each are shared by all streams that send it."""

from collections.abc import AsyncIterator
from typing import Annotated, Self

from fastapi import Query
from starlette.responses import StreamingResponse

from services.gateway.batches.live_event import HEARTBEAT, LiveEvent

RECONNECT_MILLISECONDS = 1000
"""How long a browser waits before it connects again."""

_RETRY = b"retry: %d\n\n" % RECONNECT_MILLISECONDS
_COMMENT = b": ping\n\n"

_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
"""Neither browsers nor proxies hold anything back."""


Heartbeat = Annotated[
    bool,
    Query(description="Also an event `heartbeat` whenever nothing has come for 5 s: a gateway that hangs sends none."),
]


class EventStream(StreamingResponse):
    """An answer in pieces, each an event or more."""

    media_type = "text/event-stream"

    @classmethod
    def of(cls, events: AsyncIterator[LiveEvent | None], *, heartbeat: bool = False) -> Self:
        """An answer with all events, and a comment for each None.

        With `heartbeat`, that event instead, and also right after the first, so that its reader knows of it.
        """
        return cls(_sent(events, heartbeat=heartbeat), headers=_HEADERS)


async def _sent(events: AsyncIterator[LiveEvent | None], *, heartbeat: bool) -> AsyncIterator[bytes]:
    is_first = True
    async for event in events:
        if event is None:
            yield HEARTBEAT.lines if heartbeat else _COMMENT
        elif is_first:
            is_first = False
            yield event.lines[: -len("\n")] + _RETRY
            if heartbeat:
                yield HEARTBEAT.lines
        else:
            yield event.lines

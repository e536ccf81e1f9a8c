"""Live events as Server-Sent Events; the bytes of each are shared by all streams that send it."""

from collections.abc import AsyncIterator
from typing import Self

from starlette.responses import StreamingResponse

from services.gateway.batches.live_event import LiveEvent

RECONNECT_MILLISECONDS = 1000
"""How long a browser waits before it connects again."""

_RETRY = b"retry: %d\n\n" % RECONNECT_MILLISECONDS
_COMMENT = b": ping\n\n"

_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
"""Neither browsers nor proxies hold anything back."""


class EventStream(StreamingResponse):
    """An answer in pieces, each an event or more."""

    media_type = "text/event-stream"

    @classmethod
    def of(cls, events: AsyncIterator[LiveEvent | None]) -> Self:
        """An answer with all events, and a comment for each None."""
        return cls(_sent(events), headers=_HEADERS)


async def _sent(events: AsyncIterator[LiveEvent | None]) -> AsyncIterator[bytes]:
    is_first = True
    async for event in events:
        if event is None:
            yield _COMMENT
        elif is_first:
            is_first = False
            yield event.lines[: -len("\n")] + _RETRY
        else:
            yield event.lines

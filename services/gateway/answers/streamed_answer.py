"""An answer that is made while it is sent: it ends whole, or the connection breaks."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Self

import structlog
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

log = structlog.get_logger()

PIECE_BYTES = 64 * 1024


class StreamedAnswer(StreamingResponse):
    """Sends pieces as they come. Whatever raises in them, or a reader who takes nothing for too long, cuts it off.

    Its length is not known before, so it is sent chunked: without the last chunk a client knows that it is not whole.
    """

    def __init__(
        self,
        first: bytes,
        rest: AsyncGenerator[bytes, None],
        media_type: str,
        headers: Mapping[str, str],
        idle_seconds: float,
    ) -> None:
        super().__init__(_led_by(first, rest), media_type=media_type, headers=headers)
        self._rest = rest
        self._idle_seconds = idle_seconds

    @classmethod
    async def begun(
        cls, pieces: AsyncGenerator[bytes, None], *, media_type: str, headers: Mapping[str, str], idle_seconds: float
    ) -> Self:
        """An answer of these bytes, sent in larger pieces; raises what goes wrong before the first of those is made.

        That can still be answered as an error.
        """
        larger = _gathered(pieces)
        return cls(await anext(larger), larger, media_type, headers, idle_seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; what cuts the answer off is logged and raised: the server then closes the connection."""
        try:
            await super().__call__(scope, receive, send)
        except Exception as error:
            log.warning("answer_cut_off", path=scope["path"], reason=str(error) or type(error).__name__)
            raise

    async def stream_response(self, send: Send) -> None:
        """Send it all; raises what the pieces raise, and TimeoutError for a reader who takes nothing."""

        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(self._idle_seconds):
                await send(message)

        # Closed here in any case: left to the garbage collector, reads would go on for nobody.
        async with aclosing(self._rest):
            await super().stream_response(send_in_time)


async def _gathered(pieces: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    held: list[bytes] = []
    size = 0
    async with aclosing(pieces):
        async for piece in pieces:
            held.append(piece)
            size += len(piece)
            if size >= PIECE_BYTES:
                yield b"".join(held)
                held, size = [], 0
    yield b"".join(held)


async def _led_by(first: bytes, rest: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    yield first
    async for piece in rest:
        yield piece

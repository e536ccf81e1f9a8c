"""An answer that is made while it is sent: it ends whole, or the connection breaks."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from typing import Self

import structlog
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

log = structlog.get_logger()

PIECE_BYTES = 64 * 1024


class StreamedAnswer(StreamingResponse):
    """Sends pieces as they come. An error in them cuts the answer off.

    Its length is not known before, so it is sent chunked: without the last chunk a client knows that it is not whole.
    """

    def __init__(
        self,
        first: bytes,
        rest: AsyncGenerator[bytes, None],
        media_type: str,
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(led_by(first, rest), media_type=media_type, headers=headers)
        self._rest = rest

    @classmethod
    async def begun(cls, pieces: AsyncGenerator[bytes, None], *, media_type: str, headers: Mapping[str, str]) -> Self:
        """An answer of these bytes, sent in larger pieces; raises what goes wrong before the first of those is made.

        That can still be answered as an error.
        """
        larger = _gathered(pieces)
        return cls(await anext(larger), larger, media_type, headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; what cuts the answer off is logged and raised: the server then closes the connection."""
        try:
            await super().__call__(scope, receive, send)
        except Exception as error:
            log.warning("answer_cut_off", path=scope["path"], reason=str(error) or type(error).__name__)
            raise

    async def stream_response(self, send: Send) -> None:
        """Send it all; raises what the pieces raise."""
        # Closed here in any case: left to the garbage collector, reads would go on without a reader.
        async with aclosing(self._rest):
            await super().stream_response(send)


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


async def led_by(first: bytes, rest: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """What was taken from pieces already, then the rest of them."""
    yield first
    async for piece in rest:
        yield piece

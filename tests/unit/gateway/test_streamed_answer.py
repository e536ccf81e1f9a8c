"""Answers that are made while they are sent: whole, or cut off."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from starlette.types import Message

from services.gateway.answers.streamed_answer import PIECE_BYTES, StreamedAnswer
from tests.fakes import until


class Pieces:
    """Pieces of a known size that may end in an error; it is known when they were closed."""

    def __init__(self, count: int, size: int = PIECE_BYTES, error: Exception | None = None) -> None:
        self.made = 0
        self.closed = False
        self._count, self._size, self._error = count, size, error

    async def __call__(self) -> AsyncGenerator[bytes, None]:
        """Make them."""
        try:
            for _ in range(self._count):
                self.made += 1
                yield bytes(self._size)
            if self._error:
                raise self._error
        finally:
            self.closed = True


class Reader:
    """The other end of a connection, which may stop reading."""

    def __init__(self, stops_after: int = 1_000_000) -> None:
        self.messages: list[Message] = []
        self._stops_after = stops_after

    async def send(self, message: Message) -> None:
        """Take a message, or never."""
        if len(self.messages) == self._stops_after:
            await asyncio.Event().wait()
        self.messages.append(message)

    @property
    def bodies(self) -> list[int]:
        """The sizes of what was sent."""
        return [len(message["body"]) for message in self.messages if "body" in message]

    @property
    def has_all(self) -> bool:
        """Whether it was told that nothing more comes."""
        return self.messages[-1].get("more_body") is False


async def answer(pieces: Pieces) -> StreamedAnswer:
    """An answer of these pieces."""
    return await StreamedAnswer.begun(pieces(), media_type="text/plain", headers={})


async def test_small_pieces_are_sent_together_and_the_rest_at_the_end() -> None:
    """One after the other, each made when the one before it is gone."""
    pieces, reader = Pieces(5, size=PIECE_BYTES // 2), Reader()
    streamed = await answer(pieces)
    assert pieces.made == 2
    await streamed.stream_response(reader.send)
    assert reader.bodies == [PIECE_BYTES, PIECE_BYTES, PIECE_BYTES // 2, 0]
    assert reader.has_all
    assert pieces.closed


async def test_an_error_before_the_first_piece_is_raised_while_it_can_be_answered() -> None:
    """Nothing was sent by then, though something had been made."""
    with pytest.raises(ValueError, match="early"):
        await answer(Pieces(1, size=10, error=ValueError("early")))


async def test_an_error_later_leaves_the_answer_without_its_end() -> None:
    """It is raised, so that the server breaks the connection."""
    reader = Reader()
    streamed = await answer(Pieces(3, error=ValueError("late")))
    with pytest.raises(ValueError, match="late"):
        await streamed.stream_response(reader.send)
    assert sum(reader.bodies) == 3 * PIECE_BYTES
    assert not reader.has_all


async def test_a_reader_who_has_gone_ends_it() -> None:
    """The server cancels the answer, and with it whatever was being made."""
    pieces, reader = Pieces(10), Reader(stops_after=3)
    streaming = asyncio.create_task((await answer(pieces)).stream_response(reader.send))
    await until(lambda: len(reader.messages) == 3)
    streaming.cancel()
    await asyncio.gather(streaming, return_exceptions=True)
    assert pieces.closed

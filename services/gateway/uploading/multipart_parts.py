"""A multipart/form-data body as a stream of parts, holding no more than one received piece at a time."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from services.gateway.answers.errors import ApiError
from services.gateway.answers.request_codes import RequestCode

MAX_HEADER_BYTES = 64 * 1024
"""Longest header of a part; far more than any file name that is accepted, so that one too long can be named."""


@dataclass(frozen=True)
class PartBegan:
    """A new part: the field's name, and the client's name for the file if it is one."""

    field: str
    file_name: str | None


@dataclass(frozen=True)
class PartEnded:
    """The part that began last is complete."""


PartEvent = PartBegan | bytes | PartEnded


def boundary_of(content_type: str | None) -> bytes:
    """The boundary that a Content-Type announces; raises `ApiError` unless it is multipart/form-data with one."""
    media_type, options = parse_options_header(content_type)
    if media_type != b"multipart/form-data":
        raise ApiError(RequestCode.CONTENT_TYPE_UNSUPPORTED)
    boundary = options.get(b"boundary", b"")
    if not boundary:
        raise ApiError(RequestCode.BODY_MALFORMED)
    return boundary


async def read_parts(body: AsyncIterator[bytes], boundary: bytes) -> AsyncIterator[PartEvent]:
    """Each part as `PartBegan`, its bytes in pieces, `PartEnded`; raises `ApiError` for a broken or cut body."""
    reader = _Reader(boundary)
    async for piece in body:
        for event in reader.feed(piece):
            yield event
    if not reader.ended:
        raise ApiError(RequestCode.BODY_INCOMPLETE)


class _Reader:
    """Turns the parser's callbacks for one piece of body into a list of events."""

    def __init__(self, boundary: bytes) -> None:
        self.ended = False
        self._events: list[PartEvent] = []
        self._header_name = b""
        self._header_value = b""
        self._disposition = b""
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._on_part_begin,
                    "on_part_data": self._on_part_data,
                    "on_part_end": self._on_part_end,
                    "on_header_field": self._on_header_field,
                    "on_header_value": self._on_header_value,
                    "on_header_end": self._on_header_end,
                    "on_headers_finished": self._on_headers_finished,
                    "on_end": self._on_end,
                },
                max_header_size=MAX_HEADER_BYTES,
            )
        except FormParserError as error:
            raise ApiError(RequestCode.BODY_MALFORMED) from error

    def feed(self, piece: bytes) -> list[PartEvent]:
        """What this piece of the body brings."""
        self._events = []
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise ApiError(RequestCode.BODY_MALFORMED) from error
        return self._events

    def _on_part_begin(self) -> None:
        self._disposition = b""

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _on_header_end(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            self._disposition = self._header_value
        self._header_name = self._header_value = b""

    def _on_headers_finished(self) -> None:
        kind, options = parse_options_header(self._disposition)
        if kind != b"form-data" or b"name" not in options:
            raise ApiError(RequestCode.BODY_MALFORMED)
        file_name = options.get(b"filename")
        self._events.append(PartBegan(_text(options[b"name"]), None if file_name is None else _text(file_name)))

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._events.append(data[start:end])

    def _on_part_end(self) -> None:
        self._events.append(PartEnded())

    def _on_end(self) -> None:
        self.ended = True


def _text(data: bytes) -> str:
    # Names are labels: one that is no UTF-8 is shown as well as it can be.
    return data.decode("utf-8", errors="replace")

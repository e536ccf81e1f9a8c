"""A multipart/form-data body as a stream of parts, holding no more than one received piece at a time."""

import copy
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from multipart import (
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from services.gateway.answers.errors import ApiError
from services.gateway.answers.request_codes import RequestCode
from services.gateway.uploading.file_names import part_names

MAX_HEADER_BYTES = 64 * 1024
"""Longest header of a part; far more than any file name that is kept whole."""

MAX_BOUNDARY_CHARACTERS = 70
"""RFC 2046, 5.1.1."""

MAX_EPILOGUE_BYTES = 1024
"""Most white space behind the closing boundary."""

_TRANSFER_ENCODINGS = {"7bit", "8bit", "binary"}
"""RFC 7578, 4.7 deprecates the header; what it says beside these would be stored encoded."""


@dataclass(frozen=True)
class PartBegan:
    """A new part: the field's name, and the client's name for the file if it is one."""

    field: str
    file_name: str | None


@dataclass(frozen=True)
class PartEnded:
    """The part that began last is complete."""


PartEvent = PartBegan | bytes | PartEnded


def boundary_of(content_type: str | None) -> str:
    """Find the boundary that a Content-Type announces.

    Raises `ApiError` unless it is multipart/form-data with a boundary.
    """
    media_type, options = parse_options_header(content_type or "")
    if media_type != "multipart/form-data":
        raise ApiError(RequestCode.CONTENT_TYPE_UNSUPPORTED)
    boundary: str = options.get("boundary", "")
    if not 0 < len(boundary) <= MAX_BOUNDARY_CHARACTERS:
        raise ApiError(RequestCode.BODY_MALFORMED)
    return boundary


async def read_parts(body: AsyncIterator[bytes], boundary: str) -> AsyncIterator[PartEvent]:
    """Yield each part as `PartBegan`, its bytes in pieces, `PartEnded`.

    Raises `ApiError` for a body that is malformed, that ends too early, or that goes on behind its closing boundary.
    """
    # Latin-1 takes any byte, so that a name in another encoding can be decoded as its sender meant it.
    parser = PushMultipartParser(boundary, max_header_size=MAX_HEADER_BYTES, header_charset="latin1", strict=True)
    closing, before, epilogue = f"\r\n--{boundary}--".encode("latin-1"), b"", b""
    async for piece in body:
        if not piece:
            continue  # the parser takes it for the end of the body
        if _is_complete(parser):
            epilogue += piece
        else:
            for event in _parsed(parser, piece):
                yield event
            # The parser does not say what it has left of the piece; the boundary may have begun in the one before.
            before += piece
            if _is_complete(parser):
                epilogue = before.partition(closing)[2]
            before = before[-len(closing) :]
        if len(epilogue) > MAX_EPILOGUE_BYTES or epilogue.strip():
            raise ApiError(RequestCode.BODY_MALFORMED)
    if not _is_complete(parser):
        raise ApiError(RequestCode.BODY_INCOMPLETE)


def _parsed(parser: PushMultipartParser, piece: bytes) -> Iterator[PartEvent]:
    try:
        for event in parser.parse(piece):
            if isinstance(event, MultipartSegment):
                yield _began(event)
            elif event is None:
                yield PartEnded()
            else:
                yield event
    except MultipartError as error:
        raise ApiError(RequestCode.BODY_MALFORMED) from error


def _began(segment: MultipartSegment) -> PartBegan:
    if segment.header("Content-Transfer-Encoding", "binary").lower() not in _TRANSFER_ENCODINGS:
        raise ApiError(RequestCode.BODY_MALFORMED)
    return PartBegan(*part_names(segment.header("Content-Disposition")))


def _is_complete(parser: PushMultipartParser) -> bool:
    """Whether the closing boundary has come; only closing the parser tells, so a copy is closed."""
    try:
        copy.copy(parser).close()
    except MultipartError:
        return False
    return True

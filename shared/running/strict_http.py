"""HTTP/1.1 as h11 reads it, with what it leaves open decided: sizes, ambiguous lengths, absolute addresses."""

from http import HTTPStatus
from urllib.parse import urlsplit

import h11

MAX_TARGET_BYTES = 8 * 1024
MAX_HEAD_BYTES = 32 * 1024


class StrictConnection(h11.Connection):
    """Raises `h11.RemoteProtocolError`, with the status to answer, for requests that others may read differently."""

    def __init__(self) -> None:
        super().__init__(h11.SERVER, MAX_HEAD_BYTES)

    def next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        try:
            event = super().next_event()
        except h11.RemoteProtocolError as error:
            # h11 says 431 for everything that is too long; an endless first line is an address.
            if error.error_status_hint == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE and self._is_in_first_line():
                raise _error("the address is too long", HTTPStatus.REQUEST_URI_TOO_LONG) from error
            raise
        return checked(event) if isinstance(event, h11.Request) else event

    def _is_in_first_line(self) -> bool:
        received, _ = self.trailing_data
        return b"\n" not in received


def checked(request: h11.Request) -> h11.Request:
    """The request, its target in origin form; raises `h11.RemoteProtocolError`."""
    if len(request.target) > MAX_TARGET_BYTES:
        raise _error("the address is too long", HTTPStatus.REQUEST_URI_TOO_LONG)
    if sum(len(name) + len(value) for name, value in request.headers) > MAX_HEAD_BYTES:
        raise _error("the headers are too large", HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
    names = {name for name, _ in request.headers}
    # A proxy may go by the other length, and pass on as a request what is read as body here (RFC 9112, 6.1).
    if b"transfer-encoding" in names and (b"content-length" in names or request.http_version < b"1.1"):
        raise _error("two lengths", HTTPStatus.BAD_REQUEST)
    # Absolute targets begin with http:// or https://.
    return _in_origin_form(request) if b"://" in request.target[:8] else request


def _in_origin_form(request: h11.Request) -> h11.Request:
    """An absolute target names the host itself and overrides the Host header (RFC 9112, 3.2.2)."""
    try:
        address = urlsplit(request.target.decode("ascii"))
    except ValueError as error:
        raise _error("no address", HTTPStatus.BAD_REQUEST) from error
    if not address.netloc:
        raise _error("no host in the address", HTTPStatus.BAD_REQUEST)
    host = [(b"host", address.netloc.encode())]
    others = [(bytes(name), bytes(value)) for name, value in request.headers if name != b"host"]
    return h11.Request(
        method=request.method,
        target=address._replace(scheme="", netloc="", path=address.path or "/").geturl(),
        headers=host + others,
        http_version=request.http_version,
    )


def _error(message: str, status: HTTPStatus) -> h11.RemoteProtocolError:
    return h11.RemoteProtocolError(message, error_status_hint=status)

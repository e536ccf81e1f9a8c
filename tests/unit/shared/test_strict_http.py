"""What of HTTP/1.1 is decided more strictly than h11 does."""

import h11
import pytest

from shared.running.strict_http import MAX_HEAD_BYTES, StrictConnection


def received(data: bytes) -> h11.Request:
    """The request that these bytes are."""
    connection = StrictConnection()
    connection.receive_data(data)
    event = connection.next_event()
    assert isinstance(event, h11.Request)
    return event


def refused(data: bytes) -> int:
    """The status with which these bytes are refused."""
    with pytest.raises(h11.RemoteProtocolError) as error:
        received(data)
    return error.value.error_status_hint


def test_an_absolute_address_replaces_the_host() -> None:
    """Its path and query remain, and an empty path is the root."""
    request = received(b"GET http://a.example:81/p?q=1 HTTP/1.1\r\nHost: other\r\nX: 1\r\n\r\n")
    assert request.target == b"/p?q=1"
    assert list(request.headers) == [(b"host", b"a.example:81"), (b"x", b"1")]
    assert received(b"GET http://a.example HTTP/1.1\r\nHost: other\r\n\r\n").target == b"/"


def test_an_absolute_address_that_is_none_is_refused() -> None:
    """Without a host, or with brackets that are no IPv6 address."""
    assert refused(b"GET http:///path HTTP/1.1\r\nHost: a\r\n\r\n") == 400
    assert refused(b"GET http://[/path HTTP/1.1\r\nHost: a\r\n\r\n") == 400


def test_a_path_that_holds_an_address_is_a_path() -> None:
    """Only the beginning makes an address absolute."""
    assert received(b"GET /to/http://a/ HTTP/1.1\r\nHost: a\r\n\r\n").target == b"/to/http://a/"


def test_an_encoding_in_the_former_version_is_refused() -> None:
    """HTTP/1.0 knows none, so that two servers may see two ends of the body."""
    assert refused(b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") == 400


def test_many_small_headers_are_too_large_together() -> None:
    """Although they came in one piece."""
    lines = b"".join(b"X-%d: a\r\n" % number for number in range(MAX_HEAD_BYTES // 5))
    assert refused(b"GET / HTTP/1.1\r\nHost: a\r\n" + lines + b"\r\n") == 431

"""Answers to what is no request yet: the server writes them itself and closes the connection."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

_ERRORS: Mapping[HTTPStatus, tuple[str, str]] = MappingProxyType(
    {
        HTTPStatus.BAD_REQUEST: (
            "request_malformed",
            "HTTP 요청을 읽을 수 없습니다. This is not an HTTP request that can be read.",
        ),
        HTTPStatus.REQUEST_TIMEOUT: (
            "request_incomplete",
            "요청 헤더가 제때 오지 않았습니다. The head of the request did not come in time; send it again.",
        ),
        HTTPStatus.REQUEST_URI_TOO_LONG: (
            "address_too_long",
            "요청 주소가 너무 깁니다. The address is too long; shorten it.",
        ),
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: (
            "headers_too_large",
            "요청 헤더가 너무 큽니다. The headers are too large; send fewer or shorter ones.",
        ),
        HTTPStatus.NOT_IMPLEMENTED: (
            "transfer_encoding_unsupported",
            "chunked 외의 Transfer-Encoding은 쓸 수 없습니다. chunked is the only Transfer-Encoding that is read.",
        ),
        HTTPStatus.SERVICE_UNAVAILABLE: (
            "too_many_connections",
            "연결이 너무 많습니다. 잠시 후 다시 시도해 주세요. There are too many connections; try again in a moment.",
        ),
    }
)


def wire_answer(status: HTTPStatus) -> bytes:
    """A whole HTTP/1.1 response in the contract's envelope, in both languages, that announces the connection's end."""
    code, message = _ERRORS[status]
    # No Accept-Language has been read yet.
    body = json.dumps(
        {"success": False, "error": {"code": code, "message": message, "details": None}}, ensure_ascii=False
    ).encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nContent-Language: ko, en\r\n"
        "Retry-After: 5\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body

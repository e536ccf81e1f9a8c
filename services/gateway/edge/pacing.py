"""Ends requests whose client sends or takes too slowly."""

from functools import partial

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.answers.errors import ApiError
from services.gateway.answers.request_codes import RequestCode
from services.gateway.edge.transfer import Transfer, TransferLimits

log = structlog.get_logger()

SLICE_BYTES = 16 * 1024
"""A piece of an answer is sent in slices, as it is only seen to move when all of it has left: at a slow reader a whole
piece takes longer than anyone may be behind."""


class Pacing:
    """Has reading a slow body raise `ApiError`, and cuts a slow reader off. Event streams may be as slow as they are.

    Routes find the two transfers in `request.state`, as `upload` and `download`.
    """

    def __init__(self, app: ASGIApp, upload: TransferLimits, download: TransferLimits) -> None:
        self._app = app
        self._upload = upload
        self._download = download

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; a WebSocket has an end and a pace of its own."""
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        upload, download = Transfer(self._upload), Transfer(self._download)
        scope.setdefault("state", {}).update(upload=upload, download=download)
        paced_receive, paced_send = _paced_receive(receive, upload), _paced_send(send, upload, download)
        try:
            await self._app(scope, paced_receive, paced_send)
        except Exception:
            if not download.has_ended:
                raise
            # The server closes the connection of an answer that is not complete.
            log.warning("download_too_slow", path=scope["path"])


def _paced_receive(receive: Receive, upload: Transfer) -> Receive:
    more_body = True

    async def paced_receive() -> Message:
        nonlocal more_body
        if not more_body:  # what is waited for now is the client's leaving
            return await receive()
        try:
            message = await upload.wait_for(receive)
        except TimeoutError:
            raise ApiError(RequestCode.UPLOAD_STALLED) from None
        more_body = message.get("more_body", False)
        upload.count(len(message.get("body", b"")))
        return message

    return paced_receive


def _paced_send(send: Send, upload: Transfer, download: Transfer) -> Send:
    is_event_stream = False

    async def paced_send(message: Message) -> None:
        nonlocal is_event_stream
        if message["type"] == "http.response.start":
            is_event_stream = Headers(raw=message["headers"]).get("content-type", "").startswith("text/event-stream")
            if upload.has_ended:
                # The rest of the body may still come, and must not be read as the next request.
                MutableHeaders(scope=message)["Connection"] = "close"
        # Between two events the stream waits for news, not for the client.
        if is_event_stream:
            await send(message)
            return
        for part in _slices(message):
            await download.wait_for(partial(send, part))
            download.count(len(part.get("body", b"")))

    return paced_send


def _slices(message: Message) -> list[Message]:
    body, more_body = message.get("body", b""), message.get("more_body", False)
    if len(body) <= SLICE_BYTES:
        return [message]
    ends = range(SLICE_BYTES, len(body) + SLICE_BYTES, SLICE_BYTES)
    return [
        {**message, "body": body[end - SLICE_BYTES : end], "more_body": more_body or end < len(body)} for end in ends
    ]

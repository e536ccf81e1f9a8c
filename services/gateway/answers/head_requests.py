"""HEAD, answered as GET without the content (RFC 9110, 9.3.2): no route needs to know of it."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadRequests:
    """Has the application answer GET where HEAD is asked, and lets its content go no further."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; an answer that is made while it is sent ends with its first piece."""
        if scope["type"] == "http" and scope["method"] == "HEAD":
            answer = _Head(send)
            await self._app({**scope, "method": "GET"}, answer.receive, answer.send)
        else:
            await self._app(scope, receive, send)


class _Head:
    def __init__(self, send: Send) -> None:
        self._send = send
        self._is_read = False
        self._sent = asyncio.Event()

    async def receive(self) -> Message:
        """No content; then, once the head is sent, that the client has left: that ends streams, and what they hold."""
        if not self._is_read:
            self._is_read = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._sent.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Send the head, and the end of the answer in place of its content."""
        if message["type"] == "http.response.start":
            await self._send(message)
        elif not self._sent.is_set():
            self._sent.set()
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

"""Answers requests that are cut off because the gateway stops."""

import asyncio

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.answers.error_handlers import answer_api_error
from services.gateway.answers.errors import ApiError
from services.gateway.answers.request_codes import RequestCode


class CutOff:
    """Answers in the envelope what the server cancels at the end of the grace period."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; a WebSocket has an end and a pace of its own."""
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        started = False

        async def noting_send(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, noting_send)
        except asyncio.CancelledError:
            # Half an answer can only be broken off.
            if started:
                raise
            # Left to the server, the answer would be plain text.
            response = await answer_api_error(Request(scope), ApiError(RequestCode.TEMPORARILY_UNAVAILABLE))
            # The rest of the request's body is not read any more.
            response.headers["Connection"] = "close"
            await response(scope, receive, send)

"""Answers requests that are cut off because the gateway stops."""

import asyncio

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.answers.error_handlers import answer_api_error
from services.gateway.answers.errors import ApiError
from services.gateway.answers.request_codes import RequestCode


class CutOff:
    """The server cancels what has not ended within the grace period, and would answer with plain text."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        started = False

        async def noting_send(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, noting_send)
        except asyncio.CancelledError:
            if started:
                raise
            response = await answer_api_error(Request(scope), ApiError(RequestCode.TEMPORARILY_UNAVAILABLE))
            response.headers["Connection"] = "close"
            await response(scope, receive, send)

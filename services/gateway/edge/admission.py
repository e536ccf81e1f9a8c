"""Refuses requests in the contract's envelope before anything of their bodies is read."""

from collections.abc import Callable

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from services.gateway.answers.error_handlers import answer_api_error
from services.gateway.answers.errors import ApiError

Check = Callable[[Scope], None]
"""Raises `ApiError` for a request that is not admitted."""


class Admission:
    """Lets requests through that pass every check."""

    def __init__(self, app: ASGIApp, *checks: Check) -> None:
        self._app = app
        self._checks = checks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            for check in self._checks:
                check(scope)
        except ApiError as error:  # the application's own handlers are further inside
            response = await answer_api_error(HTTPConnection(scope), error)
            await response(scope, receive, send)
        else:
            await self._app(scope, receive, send)

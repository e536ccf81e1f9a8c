"""The gateway's port, open from the start of the process, before its servers are there."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from services.gateway.answers.envelope import Envelope
from services.gateway.answers.error_handlers import error_response
from services.gateway.answers.errors import ApiError
from services.gateway.answers.request_codes import RequestCode
from services.gateway.answers.schemas import Health
from services.gateway.edge.stack import behind_edge
from services.gateway.settings import GatewaySettings
from shared.running.accepting import listen
from shared.running.health import present_problems
from shared.running.http_server import ServerLimits, announce, serve_http, url_of
from shared.running.lifecycle import Readiness, Stopping


@dataclass
class FrontDoor:
    """Answers /healthz, and 503 to everything else, until it is given the application."""

    settings: GatewaySettings
    listener: socket.socket | None = None
    announce: Callable[[str], None] = announce
    _application: ASGIApp | None = None
    _serving: asyncio.Task[None] = field(init=False)
    url: str = ""
    """Where it listens, once it is open."""

    @asynccontextmanager
    async def open(self, readiness: Readiness, stopping: Stopping) -> AsyncIterator[None]:
        """Listen until stopping, or until the block ends; raises OSError when the address cannot be had."""
        listener = self.listener or listen(self.settings.host, self.settings.port)
        # Kept, for a service that is told to stop while it starts has closed the listener.
        self.url = url_of(listener)
        readiness.report("start", "still starting")

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            application = self._application or _starting(scope, readiness, stopping)
            await application(scope, receive, send)

        app = behind_edge(answer, self.settings, listener.getsockname()[0])
        serving = serve_http(app, listener, stopping, _server_limits(self.settings))
        self._serving = asyncio.create_task(serving, name="front-door")
        try:
            yield
        finally:
            # Still running only if the start failed: `serve` waits for its end.
            self._serving.cancel()
            await asyncio.gather(self._serving, return_exceptions=True)
            # Which serving does itself once it has begun.
            listener.close()

    async def serve(self, application: ASGIApp, readiness: Readiness) -> None:
        """Have the application answer from now on; returns when the last request has ended after stopping."""
        self._application = application
        readiness.report("start", None)
        self.announce(self.url)
        await self._serving


def _starting(scope: Scope, readiness: Readiness, stopping: Stopping) -> ASGIApp:
    if scope["path"].removeprefix(scope["root_path"]) == "/healthz":
        return JSONResponse(Envelope(data=Health(status="alive")).model_dump())
    error = ApiError(RequestCode.NOT_READY, details=present_problems(readiness, stopping))
    return error_response(HTTPConnection(scope), error)


def _server_limits(settings: GatewaySettings) -> ServerLimits:
    return ServerLimits(
        max_connections=settings.max_connections,
        header_seconds=settings.header_timeout_seconds,
        keep_alive_seconds=settings.keep_alive_seconds,
        grace_seconds=settings.grace_seconds,
    )

"""Headers on every answer that keep browsers from taking it for something else, and redirects from leaving."""

from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_STRICT_POLICY = "default-src 'none'; frame-ancestors 'none'"
_PAGES_WITH_SCRIPTS = frozenset({"/docs"})


class SecurityHeaders:
    """Adds the headers unless the answer brings its own. Streams pass through untouched."""

    def __init__(self, app: ASGIApp, *, embeddable: bool) -> None:
        """`embeddable`: pages of other origins may show images and load scripts from here."""
        self._app = app
        self._resource_policy = "cross-origin" if embeddable else "same-origin"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            # A WebSocket that is refused is answered like a request.
            if message["type"].endswith("http.response.start"):
                headers = MutableHeaders(scope=message)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("X-Frame-Options", "DENY")
                headers.setdefault("Referrer-Policy", "no-referrer")
                headers.setdefault("Cross-Origin-Resource-Policy", self._resource_policy)
                headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
                # The documentation's page loads its own scripts and styles.
                if scope["path"].removeprefix(scope.get("root_path", "")) not in _PAGES_WITH_SCRIPTS:
                    headers.setdefault("Content-Security-Policy", _STRICT_POLICY)
                if location := headers.get("location"):
                    headers["location"] = _relative(location)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _relative(location: str) -> str:
    """The same address on this server. The framework's own redirects repeat the Host header, which may be anything."""
    address = urlsplit(location)
    return address._replace(scheme="", netloc="", path=f"/{address.path.lstrip('/')}").geturl()

"""What a proxy in front says of a request, and the path prefix under which it publishes the gateway."""

import re
from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from services.gateway.answers.addresses import root_path

_PREFIX = re.compile(r"(?:/[\w.~-]+)+")


class Forwarded:
    """Takes X-Forwarded-For, -Proto, -Host and -Prefix from trusted proxies alone, and sets the root path."""

    def __init__(self, app: ASGIApp, trusted_proxies: Sequence[str], prefix: str) -> None:
        self._app = app
        self._prefix = prefix
        self._proxy_headers = ProxyHeadersMiddleware(self._serve, list(trusted_proxies))  # type: ignore[arg-type]  # the same types, spelt otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        prefix, client = self._prefix, scope.get("client")
        if client and client[0] in self._proxy_headers.trusted_hosts:
            headers = Headers(scope=scope)
            if host := headers.get("x-forwarded-host"):
                # The nearest proxy appends its value; those before it may be the client's invention.
                MutableHeaders(scope=scope)["host"] = host.split(",")[-1].strip()
            forwarded = headers.get("x-forwarded-prefix", "").rstrip("/")
            # The prefix goes into links and redirects, so only plain path segments are taken.
            prefix = prefix or (forwarded if _PREFIX.fullmatch(forwarded) else "")
        _set_root_path(scope, prefix)
        token = root_path.set(prefix)
        try:
            await self._proxy_headers(scope, receive, send)  # type: ignore[arg-type]
        finally:
            root_path.reset(token)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


def _set_root_path(scope: Scope, prefix: str) -> None:
    scope["root_path"] = prefix
    # Routing expects the prefix in the path; some proxies strip it and some do not.
    if prefix and scope["path"] != prefix and not scope["path"].startswith(f"{prefix}/"):
        scope["path"] = prefix + scope["path"]
        scope["raw_path"] = prefix.encode() + scope.get("raw_path", b"")

"""Pages of other sites cannot act here: a browser sends their forms to any address, loopback as well."""

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.types import Scope

from services.gateway.answers.errors import ApiError
from services.gateway.edge.edge_codes import EdgeCode
from shared.running.authority import DEFAULT_PORTS, Authority, read_authority, read_origin

_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_OWN_PAGES = {"same-origin", "none"}


class OtherSites:
    """Goes by `Sec-Fetch-Site` and `Origin`, which browsers send and pages cannot forge. Programs send neither."""

    def __init__(self, allowed_origins: Collection[str]) -> None:
        self._allowed_origins = {read_origin(origin) for origin in allowed_origins} - {None}
        self._allows_all = "*" in allowed_origins

    def check(self, scope: Scope) -> None:
        """Raise `ApiError` if the request could change something and was made by a page of another origin."""
        headers = Headers(scope=scope)
        # A WebSocket is opened by a GET, but not kept from pages of other sites by the browser.
        if self._allows_all or (scope.get("method") in _SAFE_METHODS and "upgrade" not in headers):
            return
        origins = headers.getlist("origin")
        if origins and all(read_origin(origin) in self._allowed_origins for origin in origins):
            return
        own_page = all(site in _OWN_PAGES for site in headers.getlist("sec-fetch-site"))
        if not own_page or not all(_is_own(origin, headers.get("host", ""), scope["scheme"]) for origin in origins):
            raise ApiError(EdgeCode.OTHER_SITE)


def _is_own(origin: str, host: str, scheme: str) -> bool:
    """Whether the page is of this server."""
    found, here = read_origin(origin), read_authority(host)
    if found is None or here is None:
        return False
    scheme = {"ws": "http", "wss": "https"}.get(scheme, scheme)
    # Behind a proxy that ends TLS and says nothing of it, the page is https and the request http.
    if here.port is None and scheme == "http":
        scheme, _ = found
    return found == (scheme, Authority(here.host, here.port or DEFAULT_PORTS[scheme]))

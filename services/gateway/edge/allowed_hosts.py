"""Under which names the gateway answers: another's name may have been bound to its address (DNS rebinding)."""

from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.types import Scope

from services.gateway.answers.errors import ApiError, quoted
from services.gateway.edge.authority import Authority, read_authority
from services.gateway.edge.edge_codes import EdgeCode


class AllowedHosts:
    """Loopback, the address listened on, and what the settings name: `photos.example`, `*.example`, or `*` for all."""

    def __init__(self, names: Iterable[str], listening_on: str) -> None:
        self._names = {name.lower().removesuffix(".") for name in names}
        self._listening_on = Authority(listening_on.lower(), None)

    def check(self, scope: Scope) -> None:
        """Raise `ApiError` for a request under another name."""
        host = Headers(scope=scope).get("host")
        # Every browser sends Host, and only browsers can be misled by DNS.
        if host is None or "*" in self._names:
            return
        authority = read_authority(host)
        if authority is None or not (authority.is_loopback or self._is_ours(authority) or self._is_named(authority)):
            raise ApiError(EdgeCode.HOST_UNKNOWN, host=quoted(host))

    def _is_ours(self, authority: Authority) -> bool:
        here, address = self._listening_on.address, authority.address
        if address is None or here is None:
            return authority.host == self._listening_on.host
        # An IP address is safe in a Host header: DNS rebinding needs a name.
        return here.is_unspecified or address == here

    def _is_named(self, authority: Authority) -> bool:
        _, dot, parent = authority.host.partition(".")
        return authority.host in self._names or f"*{dot}{parent}" in self._names

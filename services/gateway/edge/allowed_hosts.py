"""Requests under names that are not the gateway's are not answered."""

from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.types import Scope

from services.gateway.answers.errors import ApiError, quoted
from services.gateway.edge.edge_codes import EdgeCode
from shared.running.host_names import HostNames


class AllowedHosts:
    """The names under which the gateway answers."""

    def __init__(self, names: Iterable[str], listening_on: str) -> None:
        self._names = HostNames(names, listening_on)

    def check(self, scope: Scope) -> None:
        """Raise `ApiError` for a request under another name."""
        host = Headers(scope=scope).get("host")
        if host is not None and not self._names.allow(host):
            raise ApiError(EdgeCode.HOST_UNKNOWN, host=quoted(host))

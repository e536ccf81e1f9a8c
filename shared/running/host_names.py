"""Under which names a server answers: another's name may have been bound to its address (DNS rebinding)."""

from collections.abc import Iterable

from shared.running.authority import Authority, read_authority


class HostNames:
    """Loopback, the address listened on, and what is named: `photos.example`, `*.example`, or `*` for all."""

    def __init__(self, names: Iterable[str], listening_on: str) -> None:
        self._names = {name.lower().removesuffix(".") for name in names}
        self._listening_on = Authority(listening_on.lower(), None)

    def allow(self, host: str | None) -> bool:
        """Whether a request with this Host header is to be answered."""
        # Every browser sends Host, and only browsers can be misled by DNS.
        if host is None or "*" in self._names:
            return True
        authority = read_authority(host)
        if authority is None:
            return False
        return authority.is_loopback or self._is_ours(authority) or self._is_named(authority)

    def _is_ours(self, authority: Authority) -> bool:
        here, address = self._listening_on.address, authority.address
        if address is None or here is None:
            return authority.host == self._listening_on.host
        # An IP address is safe in a Host header: DNS rebinding needs a name.
        return here.is_unspecified or address == here

    def _is_named(self, authority: Authority) -> bool:
        _, dot, parent = authority.host.partition(".")
        return authority.host in self._names or f"*{dot}{parent}" in self._names

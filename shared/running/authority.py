"""The host and port of an address, in one spelling, so that two can be compared."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}

_AUTHORITY = re.compile(r"(?:\[(?P<ipv6>[0-9a-fA-F:.]+)\]|(?P<name>[^\[\]/\\?#@:\s]+))(?::(?P<port>\d{1,5})?)?")


@dataclass(frozen=True)
class Authority:
    """A host in lower case without a final dot or brackets, and the port if one was given."""

    host: str
    port: int | None

    @property
    def address(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
        """The IP address that the host is; None for a name."""
        try:
            address = ipaddress.ip_address(self.host)
        except ValueError:
            return None
        # ::ffff:127.0.0.1 reaches the same server as 127.0.0.1.
        return (address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None) or address

    @property
    def is_loopback(self) -> bool:
        """Whether the host is this machine to every client."""
        if self.address is not None:
            return self.address.is_loopback
        # RFC 6761 reserves every name below localhost for loopback.
        return self.host == "localhost" or self.host.endswith(".localhost")


def read_authority(text: str) -> Authority | None:
    """The authority of a Host header; None if it is none."""
    match = _AUTHORITY.fullmatch(text.strip())
    if match is None:
        return None
    host = (match["ipv6"] or match["name"]).lower().removesuffix(".")
    return Authority(_canonical(host), int(match["port"]) if match["port"] else None)


def read_origin(text: str) -> tuple[str, Authority] | None:
    """The scheme and the authority of an Origin header, with the scheme's port; None for `null` and what is none."""
    try:
        address = urlsplit(text.strip())
    except ValueError:
        return None
    authority = read_authority(address.netloc)
    if authority is None or address.scheme not in DEFAULT_PORTS:
        return None
    return address.scheme, Authority(authority.host, authority.port or DEFAULT_PORTS[address.scheme])


def _canonical(host: str) -> str:
    try:
        # IPv6 has several spellings of one address.
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host

"""RabbitMQ's address: one URL that may name several hosts of a cluster, as MongoDB's does."""

import re
from typing import NamedTuple

_URL = re.compile(r"(amqps?)://(?:([^/?#]*)@)?([^/?#@]*)([/?#].*)?", re.IGNORECASE)

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\s:\[\]]+)(?::(\d{1,5}))?", re.IGNORECASE)

MAX_PORT = 65_535

DEFAULT_HOST = "localhost"
"""What the driver takes for an address without a host."""


class BrokerUrl(NamedTuple):
    """The parts of an address, percent-encoded as in it."""

    scheme: str
    credentials: str
    """User and password once, for all hosts, with a colon in between; may be empty."""

    hosts: tuple[str, ...]
    rest: str
    """Virtual host and options, with the slash in front; may be empty."""

    def for_host(self, host: str) -> str:
        """The address of one host, or of several that are separated by commas."""
        return f"{self.scheme}://{self.credentials}{'@' if self.credentials else ''}{host}{self.rest}"

    @property
    def for_all_hosts(self) -> str:
        return self.for_host(",".join(self.hosts))


def parse_broker_url(url: str) -> BrokerUrl:
    """Split an address such as amqp://user:password@host1:5672,host2:5672/virtual_host.

    Raises ValueError with a sentence that says what is wrong, and shows nothing of the address: where it is malformed,
    any part may be the password's.
    """
    found = _URL.fullmatch(url.strip())
    if found is None:
        raise ValueError("write it as amqp://user:password@host:5672/, or amqps:// for TLS")
    scheme, credentials, hosts, rest = found.groups(default="")
    if "@" in credentials and "," in credentials:
        raise ValueError("give user and password once, before the first host: amqp://user:password@host1,host2/")
    names = tuple(host.strip() for host in hosts.split(",")) if hosts else (DEFAULT_HOST,)
    for number, name in enumerate(names, start=1):
        if not _is_host(name):
            raise ValueError(
                f"host {number} of {len(names)} is not a name or address with an optional port. Several hosts are "
                "written as amqp://user:password@host1:5672,host2:5672/, and @ : / , in a password as %40 %3A %2F %2C"
            )
    return BrokerUrl(scheme.lower(), credentials, names, rest)


def _is_host(text: str) -> bool:
    found = _HOST.fullmatch(text)
    return found is not None and 0 < int(found[2] or MAX_PORT) <= MAX_PORT

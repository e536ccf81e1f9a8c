"""How many WebSockets there may be: none is ever idle, so each takes a connection from the requests for good."""

from collections.abc import Iterator
from contextlib import contextmanager


class SocketPlaces:
    """Counts the WebSockets that are open."""

    def __init__(self, limit: int) -> None:
        self._free = limit

    @contextmanager
    def taken(self) -> Iterator[bool]:
        """Hold a place while the context lasts; False if there is none."""
        if self._free <= 0:
            yield False
            return
        self._free -= 1
        try:
            yield True
        finally:
            self._free += 1

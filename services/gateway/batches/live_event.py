"""One event for those who follow batches live, and the forms in which it goes out."""

from dataclasses import dataclass
from functools import cached_property

QUIET_SECONDS = 5.0
"""After so long without an event something else is sent: proxies end connections on which nothing moves.

A client that hears nothing for three times as long has lost its gateway, whatever its connection says.
"""


@dataclass(frozen=True)
class LiveEvent:
    """One event: its name, its data as JSON, and the id by which a client says later what it has seen."""

    name: str
    data: str
    id: str | None = None

    @cached_property
    def frame(self) -> str:
        """The event as a message on a WebSocket, made once for all who are sent it."""
        return f'{{"event":"{self.name}","id":{self.id or "null"},"data":{self.data}}}'

    @cached_property
    def lines(self) -> bytes:
        """The same as a Server-Sent Event."""
        ending = "" if self.id is None else f"id: {self.id}\n"
        return f"event: {self.name}\ndata: {self.data}\n{ending}\n".encode()


HEARTBEAT = LiveEvent("heartbeat", "{}")
"""Says that there is nothing new, to those who ask for it: browsers hand no comments on."""

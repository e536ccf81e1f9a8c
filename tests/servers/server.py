"""What every server offers to tests and benches, wherever it came from."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

POLL_SECONDS = 0.05


class ServerUnavailable(Exception):  # noqa: N818 - a state that callers handle by skipping, not a fault
    """A server could not be had; the message says why, and what to do about it."""


class Address(Protocol):
    """Where a server is reached."""

    def ready(self) -> bool:
        """Help the server along and say whether it takes work by now."""
        ...

    def version(self) -> str:
        """Ask the server which version it is."""
        ...


AddressT = TypeVar("AddressT", bound=Address)


class Server(ABC, Generic[AddressT]):
    """One server. Its address stays the same from the first `start` to `discard`, across kills and restarts."""

    way: str
    address: AddressT

    @abstractmethod
    def start(self) -> None:
        """Start and wait until the server takes work; `ServerUnavailable` if it does not."""

    @abstractmethod
    def stop(self) -> None:
        """End it in an orderly way; data stay."""

    @abstractmethod
    def kill(self) -> None:
        """End it as a power cut does (SIGKILL); data stay."""

    @abstractmethod
    def wipe(self) -> None:
        """Delete the data of a server that was stopped or killed; the next `start` begins empty."""

    @abstractmethod
    def discard(self) -> None:
        """End it for good and leave nothing behind."""

    def restart(self) -> None:
        """Stop in an orderly way and start again with the same data."""
        self.stop()
        self.start()


def wait_until(condition: Callable[[], bool], deadline_seconds: float) -> bool:
    """Poll until the condition holds; whether it did before the deadline."""
    deadline = time.monotonic() + deadline_seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True

"""Servers that the environment named: used, never started, stopped or emptied."""

from typing import NoReturn

from tests.servers.server import AddressT, Server, ServerUnavailable, wait_until

START_SECONDS = 10


class GivenServer(Server[AddressT]):
    """A server that somebody else runs."""

    way = "given"

    def __init__(self, address: AddressT) -> None:
        """Use the server at `address`."""
        self.address = address

    def start(self) -> None:
        """Wait until it answers; `ServerUnavailable` if it does not."""
        if not wait_until(self.address.ready, START_SECONDS):
            # The address itself may hold a password and stays out of the message.
            raise ServerUnavailable("no answer; RabbitMQ needs its management plugin, MongoDB must be a replica set")

    def stop(self) -> NoReturn:
        """Refuse: it is not ours."""
        raise ServerUnavailable("a server that the environment named is not the tests' to stop or empty")

    def kill(self) -> NoReturn:
        """Refuse: it is not ours."""
        self.stop()

    def wipe(self) -> NoReturn:
        """Refuse: it is not ours."""
        self.stop()

    def discard(self) -> None:
        """Leave it as it is."""

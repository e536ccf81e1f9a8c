"""TCP ports that stay a server's own across restarts."""

import contextlib
import random
import socket

# Below the range from which kernels take outgoing ports: a client that keeps trying a stopped server's port can
# then neither take that port nor be connected to itself.
CANDIDATES = range(20_000, 32_000)


class ReservedPorts:
    """Free TCP ports, kept from other runs by holding the UDP port of the same number until `release`."""

    def __init__(self, count: int) -> None:
        """Reserve `count` ports that the kernel says are free."""
        self._held: list[socket.socket] = []
        for candidate in random.sample(CANDIDATES, len(CANDIDATES)):
            if len(self._held) == count:
                break
            self._reserve(candidate)
        self.numbers = tuple(int(held.getsockname()[1]) for held in self._held)

    def _reserve(self, port: int) -> None:
        held = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with contextlib.closing(socket.socket()) as probe:
            try:
                held.bind(("127.0.0.1", port))
                probe.bind(("", port))
            except OSError:
                held.close()
            else:
                self._held.append(held)

    def release(self) -> None:
        """Let other runs have the ports."""
        for held in self._held:
            held.close()

"""A whole system whose services are of either version, changed one by one while it works."""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.processes import RunningProcess, free_port, wait_until
from tests.upgrade.checkouts import Checkout

DRAIN_SECONDS = 15.0


class MixedSystem:
    """Running services by role; each may be replaced by one of another version."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self._ports: dict[str, int] = {}
        self.processes: dict[str, RunningProcess] = {}

    def start(self, checkout: Checkout, service: str, role: str) -> None:
        """Start a service of this version under the name of a role, such as `worker 2`."""
        environment = {**self._environment, "PYTHONPATH": str(checkout.folder)}
        if service == "gateway":
            self._ports[role] = free_port()
            environment["DARKROOM_PORT"] = str(self._ports[role])
        log_file = self._folder / f"{role}-{checkout.name}.log"
        # The folder that Python looks in first is where the command runs, so that decides the version.
        command = ["env", "--chdir", str(checkout.folder), checkout.python, "-m", f"services.{service}"]
        self.processes[role] = RunningProcess(role, command, environment, log_file)
        if service == "gateway":
            wait_until(lambda: self._is_ready(role), f"{role} ({checkout.name}) is ready")

    def replace(self, checkout: Checkout, service: str, role: str) -> None:
        """Stop what has the role as a deployment does, and start this version in its place."""
        process = self.processes[role]
        process.signal(signal.SIGTERM)
        status = process.wait(DRAIN_SECONDS)
        assert status == 0, f"{role} ended with {status}:\n{process.log_file.read_text()[-3000:]}"
        self.start(checkout, service, role)

    def address(self, role: str) -> str:
        """Where a gateway answers."""
        return f"http://127.0.0.1:{self._ports[role]}"

    def assert_alive(self) -> None:
        """AssertionError with the log of a process that has ended by itself."""
        for process in self.processes.values():
            assert process.is_running, f"{process.name} ended:\n{process.log_file.read_text()[-3000:]}"

    def stop(self) -> None:
        """Stop everything."""
        for process in reversed(self.processes.values()):
            process.stop()

    def _is_ready(self, role: str) -> bool:
        self.assert_alive()
        try:
            return httpx.get(f"{self.address(role)}/readyz", timeout=2).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False


@contextmanager
def mixed_system(folder: Path, rabbitmq_url: str, mongodb_url: str) -> Iterator[MixedSystem]:
    """A system without services yet; all that are started are stopped at the end."""
    environment = {
        "PATH": os.defpath,
        "DARKROOM_RABBITMQ_URL": rabbitmq_url,
        "DARKROOM_MONGODB_URL": mongodb_url,
        "DARKROOM_OBJECTS_URL": str(folder / "objects"),
        "DARKROOM_LOG_FORMAT": "json",
        "DARKROOM_WORKER_CHILDREN": "1",
    }
    system = MixedSystem(folder, environment)
    try:
        yield system
    finally:
        system.stop()

"""One gateway on real servers, for benches that ask it alone: no chunker, worker or tracker runs."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import typer

from bench.started_process import StartedProcess, started_process
from bench.waiting import START_POLL_SECONDS
from tests.processes import free_port

START_SECONDS = 60.0


@dataclass(frozen=True)
class OwnGateway:
    """Where it answers, and what it holds."""

    port: int
    process: StartedProcess

    def peak_megabytes(self) -> float:
        """The most memory that the process has had resident so far, in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        kilobytes = next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]
        return int(kilobytes) / 1024


@contextmanager
def own_gateway(rabbitmq_url: str, mongodb_url: str, objects: Path, log_file: Path) -> Iterator[OwnGateway]:
    """Start it and give it once it takes requests; ends the bench if it does not in time."""
    port = free_port()
    settings = {
        "DARKROOM_RABBITMQ_URL": rabbitmq_url,
        "DARKROOM_MONGODB_URL": mongodb_url,
        "DARKROOM_OBJECTS_URL": str(objects),
        "DARKROOM_PORT": str(port),
    }
    with started_process(["-m", "services.gateway"], settings, log_file) as process:
        _wait_until_ready(port, process)
        yield OwnGateway(port, process)


def _wait_until_ready(port: int, process: StartedProcess) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(START_POLL_SECONDS)
    raise typer.Exit(1)

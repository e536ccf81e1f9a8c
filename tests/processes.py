"""Darkroom as real processes: one for everything, or one per service on real servers."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
from pydantic_settings import BaseSettings

from tests.servers.ports import ReservedPorts

ROOT = Path(__file__).parents[1]
START_SECONDS = 180.0
STOP_SECONDS = 15.0
POLL_SECONDS = 0.02
SERVICES = ("tracker", "chunker", "worker", "gateway")


_ports_in_use: list[ReservedPorts] = []


def free_port() -> int:
    """A TCP port that nothing listens on, and that neither a client nor another test is given from now on."""
    _ports_in_use.append(ReservedPorts(1))
    return _ports_in_use[-1].numbers[0]


def wait_until(condition: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    """Return once the condition holds; AssertionError when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        time.sleep(POLL_SECONDS)


class Measuring(BaseSettings):
    """How coverage has processes measure themselves; None in a run without it."""

    coverage_process_config: str | None = None

    def environment(self) -> dict[str, str]:
        """Give what a process needs in its environment for that."""
        return {name.upper(): value for name, value in self.model_dump(exclude_none=True).items()}


class RunningProcess:
    """One started process; its log goes to a file that a failing test can show."""

    def __init__(self, name: str, command: list[str], environment: Mapping[str, str], log_file: Path) -> None:
        self.name = name
        self._command = command
        self.environment = environment
        self.log_file = log_file
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        with self.log_file.open("ab") as log:
            return subprocess.Popen(
                self._command,
                cwd=ROOT,
                env={**Measuring().environment(), **self.environment},
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def wait(self, seconds: float = STOP_SECONDS) -> int:
        """The exit status; subprocess.TimeoutExpired if it does not end in time."""
        return self._process.wait(seconds)

    def restart(self) -> None:
        """Start the ended process again."""
        self._process = self._start()

    def stop(self) -> None:
        """End it politely, and after the deadline by force."""
        if self.is_running:
            self.signal(signal.SIGTERM)
            try:
                self.wait()
            except subprocess.TimeoutExpired:
                self.signal(signal.SIGKILL)
                self.wait()


class RunningDarkroom:
    """A whole system: where its gateway answers, its processes by name, and the environment that they share."""

    def __init__(self, base_url: str, processes: dict[str, RunningProcess], environment: Mapping[str, str]) -> None:
        self.base_url = base_url
        self.processes = processes
        self.environment = environment

    @property
    def objects(self) -> Path:
        """The folder of its objects."""
        return Path(self.environment["DARKROOM_OBJECTS_URL"])

    def is_ready(self) -> bool:
        """Whether the gateway says so; AssertionError with the log if a process has ended."""
        for process in self.processes.values():
            assert process.is_running, f"{process.name} ended:\n{process.log_file.read_text()[-4000:]}"
        try:
            return httpx.get(f"{self.base_url}/readyz", timeout=2).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def remove_everything(self) -> None:
        """Delete every batch, draft and stored recipe."""
        with httpx.Client(base_url=self.base_url, timeout=60) as client:
            while drafts := client.get("/pipeline/drafts").json()["data"]:
                for draft in drafts:
                    client.delete(f"/pipeline/batch/{draft['draft_id']}").raise_for_status()
            while batches := client.get("/pipeline/batch").json()["data"]:
                for batch in batches:
                    path = f"/pipeline/batch/{batch['batch_id']}"
                    if batch["finished_at"] is None:  # as a running batch cannot be deleted
                        client.post(f"{path}/cancel")
                    client.delete(path).raise_for_status()
            for recipe in client.get("/pipeline/recipes").json()["data"]:
                if not recipe["built_in"]:
                    client.delete(f"/pipeline/recipes/{recipe['name']}").raise_for_status()

    def logs(self) -> str:
        """The end of each process's log."""
        return "\n".join(f"--- {p.name}\n{p.log_file.read_text()[-3000:]}" for p in self.processes.values())


def _environment(folder: Path, port: int, more: Mapping[str, str]) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "DARKROOM_OBJECTS_URL": str(folder / "objects"),
        "DARKROOM_LOG_FORMAT": "json",
        "DARKROOM_PORT": str(port),
        **more,
    }


@contextmanager
def running_embedded(folder: Path, **more: str) -> Iterator[RunningDarkroom]:
    """`darkroom serve`: everything in one process; `more` are further environment variables."""
    port = free_port()
    command = [sys.executable, "-m", "darkroom", "serve", "--port", str(port)]
    environment = _environment(folder, port, more)
    process = RunningProcess("serve", command, environment, folder / "serve.log")
    yield from _running(RunningDarkroom(f"http://127.0.0.1:{port}", {"serve": process}, environment))


@contextmanager
def running_services(folder: Path, rabbitmq_url: str, mongodb_url: str, **more: str) -> Iterator[RunningDarkroom]:
    """Four processes on real servers; `more` are further environment variables."""
    port = free_port()
    servers = {"DARKROOM_RABBITMQ_URL": rabbitmq_url, "DARKROOM_MONGODB_URL": mongodb_url}
    environment = _environment(folder, port, {**servers, **more})
    processes = {
        name: RunningProcess(name, [sys.executable, "-m", f"services.{name}"], environment, folder / f"{name}.log")
        for name in SERVICES
    }
    yield from _running(RunningDarkroom(f"http://127.0.0.1:{port}", processes, environment))


def _running(darkroom: RunningDarkroom) -> Iterator[RunningDarkroom]:
    try:
        wait_until(darkroom.is_ready, "the gateway is ready", START_SECONDS)
        yield darkroom
    finally:
        for process in reversed(darkroom.processes.values()):
            process.stop()
